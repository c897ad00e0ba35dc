import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import { isLoopbackHost } from '../../src/loopback-host.ts';

/** Where webhooks are sent by hand. */
export interface Target {
  /** As it was given, for people and for the store. */
  readonly text: string;
  readonly host: string;
  /** Whether it never leaves this machine. */
  readonly loopback: boolean;
  /** The URL of one request: the target itself, or, where that names a host alone, the path that the request was made for. */
  url(path: string): string;
}

/** Reads the URL of `--to`; a fragment is never sent, and is left out. Throws USAGE. */
export function readTarget(given: string): Target {
  const text = given.replace(/#.*$/s, '');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new LwiError('USAGE', `--to takes an http or https address, not "${text.slice(0, 200)}".`);
  if (url.username !== '' || url.password !== '')
    throw new LwiError('USAGE', '--to must not hold a user name or password: others can read the command line.');
  const bare = /^https?:\/\/[^/?#\\]+$/i.test(text);
  return {
    text,
    host: url.host,
    loopback: isLoopbackHost(url.hostname),
    url: (path) => (bare ? `${text}${pathOnly(path)}` : text),
  };
}

/** A fixture may name the whole URL that it came to. */
function pathOnly(path: string): string {
  const rest = path.replace(/^https?:\/\/[^/?#]*/i, '');
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** Asks before anything is sent to another machine. Throws INPUT_NEEDED where nobody can be asked, and when the answer is no. */
export async function confirmTarget(
  { prompt }: Pick<Context, 'prompt'>,
  { host, loopback }: Target,
  { yes = false, what }: { readonly yes?: boolean | undefined; readonly what: () => Promise<string> },
): Promise<void> {
  if (loopback || yes) return;
  if (await prompt.confirm(`Send ${await what()} to ${host}?`, '--yes')) return;
  throw new LwiError('INPUT_NEEDED', 'Nothing was sent.', { hint: 'Answer yes, or give --yes.' });
}
