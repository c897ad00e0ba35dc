import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetch } from 'undici';
import { systemClock, systemRandom, systemUptime } from '../../src/clock.ts';
import { apiClient } from '../../src/http/client.ts';
import type { Call } from '../../src/http/http.ts';
import { transport } from '../../src/http/transport.ts';
import { quickbooks } from '../../src/providers/quickbooks/provider.ts';
import { Secret } from '../../src/secret.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';

/**
 * What all the layers together cost a call, in CPU time of this process, above a bare undici fetch that reads its body. The peer is a process of its
 * own, and both take turns in one run. The limits are QuickBooks' two, but wide enough that nobody waits. Run by `npm run bench`.
 */
const ROUNDS = 7;
const CALLS = 1000;
const GOAL_MS = 0.3;
const SERVER = `
const body = JSON.stringify({ CompanyInfo: { CompanyName: 'Laneweaver Freight LLC', filler: 'x'.repeat(400) } });
require('node:http').createServer((_, answer) => answer.writeHead(200, { 'content-type': 'application/json' }).end(body))
  .listen(0, '127.0.0.1', function () { console.log(this.address().port); });`;

const peer = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] });
const [port] = await once(peer.stdout, 'data');
const url = `http://127.0.0.1:${String(port).trim()}/v3/company/1/companyinfo/1`;
const folder = mkdtempSync(join(tmpdir(), 'lwi-bench-'));
const clock = systemClock;
const store = openSqliteStore(join(folder, 'lwi.db'), { now: clock.now, uptime: systemUptime });
const wire = transport({ userAgent: 'lwi' });
const wide = { permits: 1_000_000, burst: 1_000_000 };
const provider = { ...quickbooks, limits: quickbooks.limits.map((rule) => ({ ...rule, ...wide })) };
const token = new Secret('a-token-for-the-bench');
const tokens = {
  bearer: async () => ({ token, generation: 1 }),
  renewedBearer: async () => ({ token, generation: 2 }),
  ended: async () => {},
};
const parts = { clock, random: systemRandom, store, transport: wire.send, verbosity: 0, log: () => {} };
const send = apiClient(parts, provider, tokens);
const call: Call = {
  ...{
    provider: 'quickbooks',
    connection: { account: 'default', provider: 'quickbooks' },
    limits: ['minute', 'second'],
  },
  ...{ priority: 'sync', repeatable: true, expects: 'json', signal: new AbortController().signal, purpose: 'bench' },
};

const WAYS: Readonly<Record<string, () => Promise<unknown>>> = {
  'bare undici fetch': async () => (await fetch(url, { headers: { authorization: 'Bearer x' } })).arrayBuffer(),
  'through the onion': () => send({ method: 'GET', url, headers: { accept: 'application/json' } }, call),
};

async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  for (let done = 0; done < CALLS; done++) await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / CALLS;
}

try {
  const times = new Map(Object.keys(WAYS).map((name) => [name, [] as number[]]));
  for (let round = -2; round < ROUNDS; round++) {
    for (const [name, work] of Object.entries(WAYS)) {
      const ms = await cpuOf(work);
      if (round >= 0) times.get(name)?.push(ms);
    }
  }
  const median = (values: readonly number[]) =>
    values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
  const [bare = Number.NaN, onion = Number.NaN] = [...times.values()].map(median);
  const cost = onion - bare;
  process.stdout.write(
    `\nCPU of a call, ms: bare undici fetch ${bare.toFixed(3)}, through the onion ${onion.toFixed(3)}, above it ${cost.toFixed(3)} ` +
      `(goal < ${GOAL_MS}: ${cost < GOAL_MS ? 'met' : 'not met'})\n`,
  );
} finally {
  await wire.close();
  await store.close();
  peer.kill();
  rmSync(folder, { recursive: true, force: true });
}
