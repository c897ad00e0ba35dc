import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import { isLoopbackHost } from '../../src/loopback-host.ts';
import { httpTarget } from './http-target.ts';

/** Where webhooks are sent by hand. */
export interface Target {
  readonly host: string;
  /** Whether it never leaves this machine. */
  readonly loopback: boolean;
  /** The URL of one request: the target itself, or, where that names a host alone, the path that the request was made for. */
  url(path: string): string;
}

/** Reads the URL of `--to`. Throws like `httpTarget`. */
export function readTarget(given: string): Target {
  const url = httpTarget(given, '--to');
  const bare = /^https?:\/\/[^/?\\]+$/i.test(given.replace(/#.*$/s, ''));
  return {
    host: url.host,
    loopback: isLoopbackHost(url.hostname),
    url: (path) => (bare ? `${url.origin}${pathOnly(path)}` : url.href),
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
