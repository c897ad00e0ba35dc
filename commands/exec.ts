import type { Context } from '../src/context.ts';
import { LwiError } from '../src/errors.ts';
import type { Define } from './shared/define.ts';

export const define: Define = (parent, run) => {
  parent
    .command('exec [provider] [command...]')
    .usage('[options] [provider] -- <command...>')
    .description('run a command with the access token in its environment, refreshed first if it is due')
    .option('--keep-environment', 'hand on the keys and secrets that are in LWI_ variables, too')
    .addHelpText('after', HELP)
    .action(run(exec));
};

const HELP = `
The command takes the place of lwi, with LWI_ACCESS_TOKEN, LWI_BASE_URL and
LWI_EXTERNAL_ID set; exit code and signals are its own. Keys and secrets in LWI_
variables are left out, unless --keep-environment is given.

  lwi exec slack -- sh -c \\
    'curl -H "Authorization: Bearer $LWI_ACCESS_TOKEN" \\
      "$LWI_BASE_URL/auth.test"'`;

async function exec(
  context: Context,
  options: { keepEnvironment?: boolean },
  first: string | undefined,
  behind: readonly string[],
): Promise<number> {
  const { host, signal } = context;
  const [id, name, ...rest] = await wordsOf(context, first, behind);
  const row = await context.connection(id);
  // Before the token is touched: a mistyped command costs no request.
  const { executable } = await import('./shared/executable.ts');
  const words: [string, ...string[]] = [name, ...rest];
  const program = host.platform === 'win32' ? { file: name, words } : executable(words, host.env['PATH']);
  const provider = await context.provider(id);
  const { apiBaseUrl } = await context.endpoints(provider, row.env);
  const { token } = await (await context.tokens()).bearer({ account: row.account, provider: row.provider }, signal);
  const given = {
    LWI_ACCESS_TOKEN: token.reveal(),
    LWI_BASE_URL: apiBaseUrl.replace(/\/+$/, ''),
    LWI_EXTERNAL_ID: row.externalId,
  };
  const env = environmentFor(host.env, given, options.keepEnvironment === true);
  await context.close();
  return host.become({ ...program, env });
}

/** The provider, and the words after `--`. Without it nobody could tell lwi's options from the command's. Throws USAGE. */
async function wordsOf(
  context: Context,
  given: string | undefined,
  behind: readonly string[],
): Promise<readonly [string, string, ...string[]]> {
  const { argv } = context.host;
  const named = given !== undefined && argv.at(-behind.length - 2) !== '--';
  // Where no provider stands before the `--`, commander takes the command's name for it.
  const [name, ...rest] = named || given === undefined ? behind : [given, ...behind];
  if (name !== undefined && argv.at(-rest.length - 2) === '--') {
    const { askedProvider, connectedProvider } = await import('./shared/asked-provider.ts');
    const question = { ...connectedProvider(context, { takeOnly: true }), lookUp: 'It stands before the `--`.' };
    return [await askedProvider(context, ['exec'], named ? given : undefined, question), name, ...rest];
  }
  throw new LwiError('USAGE', 'The command to run is missing: it stands after `--`.', {
    hint: 'Run `lwi exec <provider> -- <command…>`.',
  });
}

/** What opens the vault, or is a credential by itself. A file that holds the key is only named, so the name stays. */
const CONFIDENTIAL = /^LWI_(\w+_)?(KEY|SECRET|PASSWORD|PASSPHRASE|TOKEN|DATABASE_URL)$/;

/**
 * The environment of the command: ours, without keys and secrets unless `keepAll`, and with what is `given`. An absent member is taken out, so that a
 * command inside a command does not see the outer one's.
 */
function environmentFor(
  ours: Readonly<Record<string, string | undefined>>,
  given: Readonly<Record<string, string | undefined>>,
  keepAll: boolean,
): Record<string, string> {
  const kept = Object.entries(ours).filter(([name]) => keepAll || !CONFIDENTIAL.test(name));
  const entries = Object.entries({ ...Object.fromEntries(kept), ...given });
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
