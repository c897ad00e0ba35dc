import type { Context } from '../../src/context.ts';
import type { Define } from '../shared/define.ts';

export const define: Define = (parent, run) => {
  parent.command('list').description('list built-in providers and those of your own').action(run(listProviders));
};

async function listProviders(context: Context): Promise<undefined> {
  const { terminal } = context;
  const { providers: own = {} } = await context.config();
  const rows = (await context.providers()).map((provider) => ({
    id: provider.id,
    title: provider.title,
    source: Object.hasOwn(own, provider.id) ? 'config' : 'built in',
    grant: provider.oauth.grant,
    environments: Object.keys(provider.environments),
    entities: provider.streams.map(({ name }) => name),
    webhook: provider.webhook?.scheme.name,
  }));
  if (terminal.json) return void terminal.document(rows);
  const { renderTable } = await import('../../src/table.ts');
  const lines = renderTable(
    [
      { heading: 'id', cell: (row) => row.id },
      { heading: 'grant', cell: (row) => row.grant },
      { heading: 'entities', cell: (row) => String(row.entities.length), align: 'right' },
      { heading: 'webhooks', cell: (row) => row.webhook ?? 'none' },
      { heading: 'from', cell: (row) => row.source },
    ],
    rows,
    terminal.tableWidth,
  );
  terminal.out(...lines);
}
