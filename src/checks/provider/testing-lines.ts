import { bodyJson } from '../../http/http.ts';
import type { Endpoints } from '../../providers/provider.ts';
import type { SyncWindow } from '../../providers/stream.ts';
import { isSecureUrl } from '../../secure-url.ts';
import { readPage } from '../../sync/read-page.ts';
import { pass, skip } from '../check.ts';
import { demand } from './demand.ts';
import { connect } from './grants.ts';
import { CONNECTED, type Line } from './line.ts';
import { ask, readsOf } from './reads.ts';
import { recorded } from './recorded-line.ts';

const mockServer: Line = {
  name: 'mock-server',
  needs: CONNECTED,
  about: '`api.probe` and the paths of the streams',
  async run(bench) {
    const { provider, clock, standIn, subject } = bench;
    const row = await connect(bench);
    const window: SyncWindow = { now: clock.now(), externalId: row.externalId ?? '' };
    const rows: string[] = [];
    for (const read of readsOf(provider)) {
      const response = await ask(bench, row, read, { policy: { attempts: 1 } });
      const stream = provider.streams.find(({ name }) => name === read.name);
      if (!stream) continue;
      const { request } = stream.start(window);
      const { status, headers } = response;
      const answer = { status, headers, body: bodyJson(response) };
      const page = readPage({ provider, target: row }, stream, answer, { request, window, until: clock.now() });
      demand(page.rejected.length === 0, `${stream.name}: ${page.rejected[0]?.reason ?? 'a row cannot be read'}`);
      rows.push(`${page.records.length} ${stream.name}`);
    }
    const where = subject.elsewhere ? subject.elsewhere.url : `the mock of ${provider.title}, over HTTP`;
    const { method, path } = provider.api.probe;
    return pass(
      `${where}: ${standIn.seen.length} requests; ${method} ${path.split('?', 1)[0]} answered 200; first pages: ${rows.join(', ') || 'no entities'}`,
    );
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
