import type { Endpoints } from '../../providers/provider.ts';
import { isSecureUrl } from '../../secure-url.ts';
import { pass, skip } from '../check.ts';
import { demand } from './demand.ts';
import { connect } from './grants.ts';
import { CONNECTED, type Line } from './line.ts';
import { readOnce, readsOf } from './reads.ts';
import { recorded } from './recorded-line.ts';

const mockServer: Line = {
  name: 'mock-server',
  needs: CONNECTED,
  about: '`api.probe` and the paths of the streams',
  async run(bench) {
    const { provider, standIn, subject } = bench;
    const row = await connect(bench);
    const rows: { name: string; count: number }[] = [];
    for (const read of readsOf(provider)) {
      const page = await readOnce(bench, row, read);
      demand(!page?.rejected[0], `${read.name}: ${page?.rejected[0]?.reason}`);
      if (page) rows.push({ name: read.name, count: page.records.length });
    }
    const where = subject.elsewhere ? subject.elsewhere.url : `the mock of ${provider.title}, over HTTP`;
    const { method, path } = provider.api.probe;
    const total = rows.reduce((sum, { count }) => sum + count, 0);
    const empty = rows.filter(({ count }) => count === 0).map(({ name }) => name);
    demand(rows.length === 0 || total > 0, 'the first pages of all entities are empty');
    const pages = `first pages of ${rows.length} entities: ${total} rows${empty.length > 0 ? `, none in ${empty.join(', ')}` : ''}`;
    return pass(`${where}, ${standIn.seen.length} requests: ${method} ${path.split('?', 1)[0]} answered 200; ${pages}`);
  },
};

const sandbox: Line = {
  name: 'sandbox',
  about: '`environments.sandbox`',
  async run({ provider, subject, signal }) {
    const { production, sandbox: endpoints } = provider.environments;
    if (!endpoints)
      return skip(
        `${provider.title} has no sandbox that lwi knows: try with a test account of its own, or with the mock`,
      );
    const urls = urlsOf(endpoints);
    demand(urls.every(isSecureUrl), 'an endpoint of the sandbox is not https');
    demand(endpoints.apiBaseUrl !== production?.apiBaseUrl, 'the API of the sandbox is that of production');
    const defined = `API at ${endpoints.apiBaseUrl}, apart from production`;
    const tried = await subject.sandbox?.(signal);
    const hint = `to try it: \`lwi connect ${provider.id} --env sandbox\``;
    return pass(
      tried === undefined ? `${defined}; not tried, as nothing is connected there; ${hint}` : `${defined}; ${tried}`,
    );
  },
};

function urlsOf(endpoints: Endpoints): string[] {
  return Object.values(endpoints).filter((url): url is string => typeof url === 'string');
}

export const TESTING_LINES: readonly Line[] = [mockServer, sandbox, recorded];
