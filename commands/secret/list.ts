import type { Context } from '../../src/context.ts';
import type { Define } from '../shared/define.ts';
import { iso, when } from '../shared/when.ts';

export const define: Define = (parent, run) => {
  parent.command('list [provider]').description('names, dates and fingerprints, never values').action(run(listSecrets));
};

async function listSecrets(context: Context, _options: unknown, id?: string): Promise<undefined> {
  const { terminal, clock } = context;
  const store = await context.existingStore();
  const account = await context.account();
  const provider = id === undefined ? undefined : (await context.provider(id)).id;
  const rows = store ? await store.secrets({ account, provider }) : [];
  if (terminal.json) {
    return void terminal.document(
      rows.map(({ provider: of, name, fingerprint, updatedAt }) => ({
        provider: of,
        account,
        name,
        fingerprint,
        updatedAt: iso(updatedAt),
      })),
    );
  }
  if (rows.length === 0)
    return void terminal.info(
      `The vault keeps no secrets for account ${account}. \`lwi secret set <provider> <name>\` keeps one.`,
    );
  const { renderTable } = await import('../../src/table.ts');
  const lines = renderTable(
    [
      { heading: 'provider', cell: (row) => row.provider },
      { heading: 'name', cell: (row) => row.name },
      { heading: 'fingerprint', cell: (row) => row.fingerprint },
      { heading: 'set', cell: (row) => when(row.updatedAt, clock.now()) },
    ],
    rows,
    terminal.tableWidth,
  );
  terminal.out(...lines);
}
