import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type Hosts, noHosts, openHosts } from '../support/hosts.ts';
import { NO_POSTGRES, type PostgresServer, postgresPrograms, postgresServer } from '../support/postgres-server.ts';
import { openScenario, type Scenario, withEnvironment } from '../support/scenario.ts';
import { watchCores } from './busy.ts';
import { strictServer, uptimeMs } from './strict-server.ts';

const NONE = postgresPrograms() ? noHosts() : NO_POSTGRES;
const PER_HOST = 2;
/** 20 a second, never more than 80 in any 4 s; beside it, as QuickBooks has it, a shorter limit with a little more room. */
const RULES = [
  { name: 'long', permits: 80, perMs: 4000, burst: 8, concurrency: 10 },
  { name: 'short', permits: 25, perMs: 1000, burst: 10, concurrency: 10 },
];
/** All press by then, and what was saved up for a burst is spent, ms. */
const WARM_MS = 1000;
const MEASURED_MS = 10_000;
const POSSIBLE = 200;

let network: Hosts;
let server: PostgresServer;

beforeAll(async () => {
  if (NONE !== undefined) return;
  network = openHosts(4);
  server = await postgresServer({ listen: network.address, tls: network.certified });
}, 60_000);

afterAll(async () => {
  await server?.remove();
  await network?.remove();
});

/** The connection `acme`, by a token that was brought, to an API at `url` that all hosts know. */
async function connected(url: string): Promise<Scenario> {
  const database = server.url('postgres').replace('sslmode=disable', 'connect_timeout=60');
  const lwi = withEnvironment(await network.reachable(await openScenario(), database), { LWI_ENV: undefined });
  const definition = { id: 'acme', title: 'Acme', api: { baseUrl: url, probe: '/me' }, limits: RULES };
  const file = lwi.write('acme.json', definition);
  const { hosts } = network;
  const added = await Promise.all(hosts.map((host) => host.run(lwi, ['provider', 'add', '--file', file])));
  expect(added.map(({ code }) => code)).toEqual(hosts.map(() => 0));
  const token = { stdin: 'a-token' };
  expect(await hosts[0]?.run(lwi, ['connect', 'acme', '--with-token'], token)).toMatchObject({ code: 0 });
  return lwi;
}

test('four hosts, their clocks apart, use 95 % of what two limits of one connection allow together, and are never refused', {
  timeout: 90_000,
}, async ({ skip }) => {
  if (NONE !== undefined) skip(NONE);
  let from = Number.POSITIVE_INFINITY;
  const goesOn = () => uptimeMs() < from + MEASURED_MS;
  const strict = await strictServer(RULES, { listen: network.address, certified: network.certified, goesOn });
  onTestFinished(() => strict.close());
  const lwi = await connected(strict.url);
  const read = ['api', 'acme', '/items', '--paginate'];
  const all = network.hosts.flatMap((host) =>
    Array.from({ length: PER_HOST }, () => host.start(lwi, read, { limitMs: 60_000 })),
  );
  await Promise.all(all.map(({ said }) => said(/\{\}/)));
  from = uptimeMs() + WARM_MS;
  const busy = watchCores();
  for (const { ended } of all) expect(await ended).toMatchObject({ code: 0, stderr: '' });
  const tooBusy = busy();
  const accepted = strict.accepted.filter((at) => at >= from && at < from + MEASURED_MS).length;
  expect(strict.refused()).toBe(0);
  if (accepted < 0.95 * POSSIBLE && tooBusy) skip(tooBusy);
  expect(accepted).toBeGreaterThanOrEqual(0.95 * POSSIBLE);
});
