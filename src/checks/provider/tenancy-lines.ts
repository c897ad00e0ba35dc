import { createHash } from 'node:crypto';
import { isLwiError } from '../../errors.ts';
import { openAccessToken, openRefreshToken } from '../../oauth/sealed-token.ts';
import type { Stream } from '../../providers/stream.ts';
import type { ConnectionRow } from '../../store/store.ts';
import { syncConnection } from '../../sync/sync-connection.ts';
import { pass, skip } from '../check.ts';
import type { Bench } from './bench.ts';
import { demand, failureOf } from './demand.ts';
import { broughtToken, connect } from './grants.ts';
import { CONNECTED, type Line } from './line.ts';
import { goodReads } from './reads.ts';

/** Two tenants, of different companies where the provider offers several. */
async function twoTenants(bench: Bench): Promise<readonly [ConnectionRow, ConnectionRow]> {
  const north = await connect(bench, { account: 'north' });
  const south = await connect(bench, { account: 'south', company: 1 }).catch((error: unknown) => {
    // A page that offers one company only.
    if (isLwiError(error, 'BAD_RESPONSE')) return connect(bench, { account: 'south' });
    throw error;
  });
  return [north, south];
}

const isolation: Line = {
  name: 'account-isolation',
  needs: CONNECTED,
  about: '`oauth.readGrant`: whom a token belongs to',
  async run(bench) {
    const { store, vault, provider } = bench;
    const oneToken = broughtToken(bench.subject) !== undefined;
    const [north, south] = await twoTenants(bench);
    const tokens = [await openAccessToken(vault, north), await openAccessToken(vault, south)].map((token) =>
      token.reveal(),
    );
    demand(tokens[0] !== tokens[1] || oneToken, 'both accounts have one token');
    const stolen = { ...south, token: north.token };
    const moved = await failureOf(openAccessToken(vault, stolen));
    demand(moved?.code === 'VAULT_CORRUPT', 'the ciphertext of one account opens in the row of the other');
    const refresh = north.token.refreshToken && (await failureOf(openRefreshToken(vault, stolen)));
    demand(
      !north.token.refreshToken || refresh?.code === 'VAULT_CORRUPT',
      'the refresh token of one account opens in the row of the other',
    );
    const records = await recordsOfBoth(bench, north, south);
    demand(await store.deleteConnection(north, north.generation), 'the connection could not be removed');
    demand((await openAccessToken(vault, south)).reveal() === tokens[1], 'removing one account has changed the other');
    demand(
      (await store.connection({ account: 'north', provider: provider.id })) === undefined,
      'a removed connection is still there',
    );
    const companies = [north, south].map(({ account, externalId }) => `${account} (${externalId ?? 'no external id'})`);
    return pass(
      `${companies.join(' and ')}: ${oneToken ? 'the token that was given' : 'a token each'}, ciphertexts moved between them do not open (${moved.code}); ${records}; one removed, the other still works`,
    );
  },
};

/** Pulls one entity for both, and looks whether each has its own. */
async function recordsOfBoth(bench: Bench, ...rows: readonly [ConnectionRow, ConnectionRow]): Promise<string> {
  const { provider, store } = bench;
  const names = (await goodReads(bench)).map(({ name }) => name);
  const stream = provider.streams.find(({ name }) => names.includes(name));
  if (!stream) return 'no entity to pull';
  const counts: string[] = [];
  for (const row of rows) {
    const target = { account: row.account, provider: row.provider, externalId: row.externalId ?? '' };
    const stored = await pull(bench, row, stream);
    const { live } = await store.recordCounts({ ...target, entity: stream.name });
    demand(live === stored, `${row.account} has ${live} ${stream.name}, ${stored} were pulled for it`);
    counts.push(`${stored} of ${row.account}`);
  }
  const lists = await store.recordLists({ provider: provider.id });
  demand(
    lists.every(({ account }) => rows.some((row) => row.account === account)),
    'records belong to nobody',
  );
  const crossed = await store.recordCounts({
    account: 'west',
    provider: provider.id,
    externalId: rows[0].externalId ?? '',
    entity: stream.name,
  });
  demand(crossed.live === 0, 'an account that pulled nothing sees records');
  return `${stream.name} apart (${counts.join(', ')}, none of a third)`;
}

async function pull(bench: Bench, row: ConnectionRow, stream: Stream): Promise<number> {
  const { provider, store, clock, signal, endpoints, owner } = bench;
  const target = { account: row.account, provider: row.provider, externalId: row.externalId ?? '' };
  const deps = {
    send: bench.api(),
    store,
    clock,
    signal,
    provider,
    baseUrl: endpoints.apiBaseUrl,
    target,
    observer: {},
  };
  const report = await syncConnection(deps, [stream], { kind: 'sync', owner, limit: 20 });
  const [entity] = report.entities;
  if (entity?.error) throw entity.error;
  return entity?.upserted ?? 0;
}

const scoped: Line = {
  name: 'scoped-clients',
  needs: CONNECTED,
  about: '`api.resolvePath` and the tenant in paths',
  async run(bench) {
    const { standIn, vault, clock } = bench;
    const oneToken = broughtToken(bench.subject) !== undefined;
    const rows = await twoTenants(bench);
    const [read] = await goodReads(bench);
    if (!read) return skip('neither the probe nor any entity is answered: see mock-server');
    const send = bench.api();
    const before = standIn.seen.length;
    await Promise.all(
      [...rows, ...rows].map((row) => {
        const request = read.of(row, clock.now());
        return send(bench.request(row, request), bench.call(row, request));
      }),
    );
    const seen = standIn.seen.slice(before);
    for (const row of rows) {
      const token = `Bearer ${(await openAccessToken(vault, row)).reveal()}`;
      const own = seen.filter(({ headers }) => headers.get('authorization') === token);
      demand(own.length === 2 || oneToken, `${own.length} of 4 requests carry the token of ${row.account}`);
      const other = rows.find((each) => each !== row)?.externalId;
      const astray = other !== undefined && other !== row.externalId && own.some(({ path }) => path.includes(other));
      demand(!astray, `a request of ${row.account} names the company of the other account`);
    }
    const refused = [
      'https://elsewhere.example/steal',
      '//elsewhere.example/steal',
      '/../steal',
      '\\\\elsewhere.example',
    ];
    for (const path of refused) {
      const error = await failureOf((async () => bench.request(rows[0], { method: 'GET', path }))());
      demand(error?.code === 'USAGE', `the path ${path} is not refused`);
    }
    const shown = seen.map(({ headers }) => fingerprint(headers.get('authorization') ?? ''));
    return pass(
      `4 requests for two accounts at once: tokens ${[...new Set(shown)].join(' and ')}, ${oneToken ? 'the one that was given' : 'each with its own'}; ${refused.length} ways to another host refused (USAGE)`,
    );
  },
};

/** Enough to tell two tokens apart, useless to guess one. */
function fingerprint(authorization: string): string {
  return createHash('sha256')
    .update(authorization.replace(/^Bearer /, ''))
    .digest('hex')
    .slice(0, 12);
}

export const TENANCY_LINES: readonly Line[] = [isolation, scoped];
