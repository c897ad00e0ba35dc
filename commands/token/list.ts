import type { Context } from '../../src/context.ts';
import type { Define } from '../shared/define.ts';
import { paintHealth } from '../shared/health.ts';
import { iso, when } from '../shared/when.ts';

export const define: Define = (parent, run) => {
  parent
    .command('list')
    .description('list the tokens of every connection, never the tokens themselves')
    .action(run(listTokens));
};

async function listTokens(context: Context): Promise<undefined> {
  const { terminal, clock } = context;
  const { dueAt, healthOf } = await import('../../src/oauth/token-set.ts');
  const rows = await context.existingConnections();
  const now = clock.now();
  if (terminal.json) {
    const entries = rows.map((row) => ({
      provider: row.provider,
      account: row.account,
      env: row.env,
      health: healthOf(row, now),
      expiresAt: iso(row.token.expiresAt),
      refreshDueAt: iso(dueAt(row.token)),
      refreshExpiresAt: iso(row.token.refreshExpiresAt),
      refreshHardExpiresAt: iso(row.token.refreshHardExpiresAt),
      refreshCount: row.refreshCount,
      scopes: row.token.scopes,
    }));
    return void terminal.document(entries);
  }
  if (rows.length === 0) return void terminal.info('There are no tokens yet. Run `lwi connect <provider>`.');
  const { renderTable } = await import('../../src/table.ts');
  const lines = renderTable(
    [
      { heading: 'provider', cell: (row) => row.provider },
      { heading: 'account', cell: (row) => row.account },
      { heading: 'token', cell: (row) => paintHealth(healthOf(row, now), terminal.style) },
      {
        heading: 'expires',
        cell: (row) => (row.token.expiresAt === undefined ? 'never' : when(row.token.expiresAt, now)),
      },
      { heading: 'refresh due', cell: (row) => when(dueAt(row.token), now) },
      { heading: 'refresh ends', cell: (row) => when(row.token.refreshExpiresAt, now), spare: 2 },
      { heading: 'refreshes', cell: (row) => String(row.refreshCount), align: 'right', spare: 1 },
    ],
    rows,
    terminal.tableWidth,
  );
  terminal.out(...lines);
}
