import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Host, type Hosts, noHosts, openHosts } from '../support/hosts.ts';
import { onDatabase } from '../support/postgres.ts';
import { NO_POSTGRES, type PostgresServer, postgresPrograms, postgresServer } from '../support/postgres-server.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { spending } from '../support/spending.ts';
import { ageTokens, endLeases, queryStore } from '../support/store-file.ts';
import { databaseOf, placeStore } from '../support/store-place.ts';

const NONE = postgresPrograms() ? noHosts() : NO_POSTGRES;
const TOKEN_ENDPOINT = 'POST /quickbooks/oauth2/v1/tokens/bearer';
const GET = ['token', 'get', 'quickbooks'];
const HOUR_MS = 3_600_000;
const PER_HOST = 20;
/** The term of a lease and the time that the server needs to miss a host are 15 and 20 s; nothing takes longer than both and a refresh. */
const BOUND_MS = 45_000;
const LIMIT = { limitMs: BOUND_MS };

let network: Hosts;
let server: PostgresServer;
let databases = 0;

beforeAll(async () => {
  if (NONE !== undefined) return;
  network = openHosts(4);
  server = await postgresServer({
    listen: network.address,
    tls: network.certified,
    settings: { max_connections: '400' },
  });
}, 120_000);

afterAll(async () => {
  await server?.remove();
  await network?.remove();
});

/** A connection whose token has expired, as the hosts see it; the token endpoint takes `latencyMs`. */
async function expired(rotateAlways: boolean, latencyMs: number): Promise<Scenario> {
  const name = `shared_${++databases}`;
  await onDatabase(server.url('postgres'), (db) => db.script(`CREATE DATABASE ${name}`));
  const alone = await openScenario({ rotateAlways });
  placeStore(alone.home, server.url(name));
  // The hosts come with TLS.
  const lwi = await network.reachable(alone, server.url(name).replace('?sslmode=disable', ''));
  await alone.connected(['quickbooks'], { env: { LWI_DATABASE_URL: server.url(name) } });
  ageTokens(lwi.home, 2 * HOUR_MS);
  await lwi.control('expire?provider=quickbooks');
  await lwi.control(`faults?fault=latency=${latencyMs}:quickbooks/tokens`);
  return lwi;
}

const asked = async (lwi: Scenario) => (await lwi.requests())[TOKEN_ENDPOINT];

/** The connection in the store: once refreshed, alive, with nothing under way. */
function expectOneOutcome(lwi: Scenario): void {
  const sql =
    'SELECT state, generation, refresh_count AS refreshes, rotation_owner AS note, last_refresh_outcome AS last FROM oauth_tokens';
  expect(queryStore(lwi.home, sql)).toEqual([
    { state: 'active', generation: 2, refreshes: 1, note: null, last: 'refreshed' },
  ]);
}

async function expectAlive(lwi: Scenario, hosts: readonly Host[]): Promise<void> {
  const read = ['api', 'quickbooks', '/query', '--query', 'query=select count(*) from Item'];
  for (const host of hosts) expect(await host.run(lwi, read)).toMatchObject({ code: 0, stderr: '' });
}

/** A refresh under way on a host: noted in the store, and at the provider. */
async function underWay(lwi: Scenario, host: Host) {
  const running = host.start(lwi, GET, LIMIT);
  await spending(lwi);
  await expect.poll(() => asked(lwi), { timeout: 10_000 }).toBe(2);
  return running;
}

/** The host is cut off while the provider works on its request, and comes back when another one has refreshed. */
async function cutOffWhileAsking([host, other]: readonly [Host, Host]): Promise<void> {
  const lwi = await expired(false, 2500);
  const first = await underWay(lwi, host);
  host.cutOff();
  await lwi.control('faults');
  const second = await other.run(lwi, GET, LIMIT);
  expect(second).toMatchObject({ code: 0 });
  expectOneOutcome(lwi);
  host.rejoin();
  const ended = await first.ended;
  // It goes on with the token of the other one, or says that it could not.
  if (ended.code === 0) expect(ended.stdout).toBe(second.stdout);
  else expect([5, 7]).toContain(ended.code);
  expectOneOutcome(lwi);
  await expectAlive(lwi, [host, other]);
}

/** The host is cut off when it has the answer and has not stored it yet; where it comes back within the term of its lease, that is stored, once. */
async function cutOffWhileStoring([host, other]: readonly [Host, Host]): Promise<void> {
  // Whatever is lost here is lost for good.
  const lwi = await expired(true, 4000);
  const first = host.start(lwi, GET, LIMIT);
  await spending(lwi);
  const waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
  const waiters = () => queryStore(lwi.home, waiting).length;
  await onDatabase(databaseOf(lwi.home) ?? '', (db) =>
    db.write(async (tx) => {
      await tx.rows('SELECT id FROM oauth_tokens FOR UPDATE');
      await expect.poll(waiters, { timeout: 20_000 }).toBeGreaterThan(0);
      host.cutOff();
    }),
  );
  // Somebody else looks, and waits for the token, while the cable is out.
  const second = other.start(lwi, GET, LIMIT);
  expect(await other.run(lwi, ['token', 'list'])).toMatchObject({ code: 0 });
  host.rejoin();
  const token = (await first.ended).stdout;
  expect(await first.ended).toEqual({ code: 0, stdout: expect.stringMatching(/^\S+\n$/), stderr: '' });
  expect(await second.ended).toMatchObject({ code: 0, stdout: token });
  expect(await asked(lwi)).toBe(2);
  expectOneOutcome(lwi);
  await expectAlive(lwi, [host, other]);
}

/** The host stands still until its lease has ended and another one has refreshed; then it goes on. */
async function stoppedPastItsLease([host, other]: readonly [Host, Host]): Promise<void> {
  const lwi = await expired(false, 1500);
  const first = await underWay(lwi, host);
  first.child.kill('SIGSTOP');
  await lwi.control('faults');
  endLeases(lwi.home);
  const second = await other.run(lwi, GET, LIMIT);
  expect(second).toMatchObject({ code: 0 });
  first.child.kill('SIGCONT');
  expect(await first.ended).toMatchObject({ code: 0, stdout: second.stdout });
  expectOneOutcome(lwi);
  await expectAlive(lwi, [host, other]);
}

describe('hosts that share a database, their clocks apart', () => {
  test('sixty processes on three of them need one token that has expired: one refresh, and all have its result', {
    timeout: 150_000,
  }, async ({ skip }) => {
    if (NONE !== undefined) skip(NONE);
    const lwi = await expired(true, 500);
    const hosts = network.hosts.slice(0, 3);
    const all = await Promise.all(
      hosts.flatMap((host) => Array.from({ length: PER_HOST }, () => host.run(lwi, GET, { limitMs: 140_000 }))),
    );
    expect(all.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      Array(3 * PER_HOST).fill({ code: 0, stderr: '' }),
    );
    expect(new Set(all.map(({ stdout }) => stdout)).size).toBe(1);
    expect(await asked(lwi)).toBe(2);
    expectOneOutcome(lwi);
    await expectAlive(lwi, hosts);
  });

  test('one that stands still past its lease, or is cut off while it asks or stores: one outcome is stored, and the connection lives', {
    timeout: 120_000,
  }, async ({ skip }) => {
    if (NONE !== undefined) skip(NONE);
    const [other, stopped, asking, storing] = network.hosts as readonly [Host, Host, Host, Host];
    // Each waits most of its time, for terms that nothing shortens.
    await Promise.all([
      stoppedPastItsLease([stopped, other]),
      cutOffWhileAsking([asking, other]),
      cutOffWhileStoring([storing, other]),
    ]);
  });
});
