import { openAccessToken, openRefreshToken } from '../../oauth/sealed-token.ts';
import { Secret } from '../../secret.ts';
import { pass, skip } from '../check.ts';
import { demand, failureOf } from './demand.ts';
import { CONNECTED, type Line } from './line.ts';
import { broughtToken } from './protocol-at.ts';
import { goodReads } from './reads.ts';
import { recordsOfBoth, twoTenants } from './two-tenants.ts';

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
    const shown = seen.map(({ headers }) =>
      new Secret((headers.get('authorization') ?? '').replace(/^Bearer /, '')).fingerprint(),
    );
    return pass(
      `4 requests for two accounts at once: tokens ${[...new Set(shown)].join(' and ')}, ${oneToken ? 'the one that was given' : 'each with its own'}; ${refused.length} ways to another host refused (USAGE)`,
    );
  },
};

export const TENANCY_LINES: readonly Line[] = [isolation, scoped];
