import type { Context } from '../../src/context.ts';
import { isLwiError, LwiError } from '../../src/errors.ts';
import type { ConnectionRow } from '../../src/store/store.ts';
import type { Define } from '../shared/define.ts';
import { iso, when } from '../shared/when.ts';

export const define: Define = (parent, run) => {
  parent
    .command('refresh [provider]')
    .description('refresh what is due')
    .option('--all', 'every connection, of all accounts unless one is named')
    .option('--force', 'whatever the age')
    .action(run(refreshTokens));
};

interface Result {
  readonly provider: string;
  readonly account: string;
  readonly outcome: 'refreshed' | 'fresh' | 'joined' | 'reconnect' | 'failed';
  readonly expiresAt?: string | undefined;
  readonly error?: LwiError | undefined;
}

async function refreshTokens(
  context: Context,
  options: { all?: boolean; force?: boolean },
  given?: string,
): Promise<number> {
  const { terminal } = context;
  if (given !== undefined && options.all) throw new LwiError('USAGE', 'Name a provider, or give --all.');
  const id = options.all ? undefined : await whose(context, given);
  const rows = id ? [await context.connection(id)] : await context.existingConnections();
  const results: Result[] = [];
  for (const row of rows) results.push(await refreshOne(context, row, options.force === true));
  if (terminal.json) terminal.document(results);
  else if (results.length === 0) terminal.info('There are no tokens yet. Run `lwi connect <provider>`.');
  else {
    const now = context.clock.now();
    const { renderTable } = await import('../../src/table.ts');
    const paint = (outcome: Result['outcome']) =>
      outcome === 'failed' || outcome === 'reconnect' ? terminal.style.bad(outcome) : terminal.style.good(outcome);
    const lines = renderTable<Result>(
      [
        { heading: 'provider', cell: (result) => result.provider },
        { heading: 'account', cell: (result) => result.account },
        { heading: 'outcome', cell: (result) => paint(result.outcome) },
        { heading: 'expires', cell: (result) => (result.expiresAt ? when(Date.parse(result.expiresAt), now) : '') },
      ],
      results,
      terminal.tableWidth,
    );
    terminal.out(...lines);
  }
  const errors = results.flatMap(({ error }) => error ?? []);
  const [first] = errors;
  if (!first) return 0;
  const worst = errors.reduce((a, b) => (b.exitCode > a.exitCode ? b : a), first);
  if (errors.length === 1) throw worst;
  if (terminal.json) {
    const message = `${worst.message} (${errors.length} of ${results.length} connections failed)`;
    throw new LwiError(worst.code, message, { ...worst.facts, cause: worst });
  }
  for (const error of errors) terminal.error(error, context.options.verbosity > 0);
  return worst.exitCode;
}

async function refreshOne(context: Context, row: ConnectionRow, force: boolean): Promise<Result> {
  const key = { provider: row.provider, account: row.account };
  const want = force ? { olderThan: row.generation + 1 } : {};
  try {
    const { outcome, row: after } = await (await context.tokens()).refresh(key, context.signal, want);
    return { ...key, outcome, expiresAt: iso(after.token.expiresAt) };
  } catch (error) {
    if (context.signal.aborted || !isLwiError(error)) throw error;
    // Nothing to refresh with, and nothing wrong with the token either.
    if (isLwiError(error, 'UNSUPPORTED')) return { ...key, outcome: 'fresh', expiresAt: iso(row.token.expiresAt) };
    return { ...key, outcome: isLwiError(error, 'RECONNECT_REQUIRED') ? 'reconnect' : 'failed', error };
  }
}

async function whose(context: Context, given: string | undefined): Promise<string> {
  const { askedProvider, connectedProvider } = await import('../shared/asked-provider.ts');
  const question = { ...connectedProvider(context, { takeOnly: true }), lookUp: 'Or give --all.' };
  return askedProvider(context, ['token', 'refresh'], given, question);
}
