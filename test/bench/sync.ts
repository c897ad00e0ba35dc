import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/clock.ts';
import { approve } from '../../src/mock/approve.ts';
import { createMock } from '../../src/mock/mock.ts';
import { serveMock } from '../../src/mock/serve.ts';
import { ADDRESS_TO_APPROVE } from '../support/address-to-approve.ts';

/**
 * What a sync costs: its CPU time against the least that a sync can be (`bare-sync.mjs`), for 100,000 records of 1 KB; and its peak memory at 1,000,000
 * records against 10,000. Each process is measured at its end by itself, its start included. Run by `npm run bench`, or alone after `npm run build`:
 *
 *     node test/bench/sync.ts [cpu|memory] [rounds]
 */
const [what = 'all', rounds = '5'] = process.argv[1]?.endsWith('sync.ts') ? process.argv.slice(2) : [];
const ROUNDS = Number(rounds);
const CPU_GOAL = 1.3;
const MEMORY_GOAL = 1.1;

const fileAt = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const BIN = fileAt('../../bin/lwi.js');
const folder = mkdtempSync(join(tmpdir(), 'lwi-bench-'));
const served = await serveMock({ mock: createMock({ clock: systemClock }), port: 0 });
const servers: ChildProcess[] = [];
let homes = 0;

/** Starts the provider with so many rows of so many bytes; gives its address. */
async function records(count: number, bytes: number): Promise<string> {
  const server = spawn(process.execPath, [fileAt('record-server.ts'), String(count), String(bytes)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  servers.push(server);
  const [port] = await once(server.stdout, 'data');
  return `http://127.0.0.1:${String(port).trim()}`;
}

const envOf = (home: string, more: Record<string, string> = {}) => ({
  ...{
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    LWI_HOME: home,
    LWI_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
  },
  ...{ LWI_QUICKBOOKS_CLIENT_ID: 'app', LWI_QUICKBOOKS_CLIENT_SECRET: 'app-secret' },
  ...more,
});

async function run(words: readonly string[], env: Record<string, string>, stdin = ''): Promise<void> {
  const child = spawn(process.execPath, words, { env, stdio: ['pipe', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => {
    const known = /^ {2}http\S+$/m.test(said);
    said += String(chunk);
    const address = ADDRESS_TO_APPROVE.exec(said)?.[1];
    if (address !== undefined && !known) void approve(address).then((callback) => fetch(callback));
  });
  child.stdin.end(stdin);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}: ${said}`);
}

/** A home in which QuickBooks and a provider with a cursor are connected, and both are the one at `url`. */
async function homeFor(url: string): Promise<string> {
  homes += 1;
  const home = join(folder, `home-${homes}`);
  mkdirSync(home, { mode: 0o700 });
  const oauth = `${served.url}/quickbooks`;
  const endpoints = {
    ...{ authorizationEndpoint: `${oauth}/connect/oauth2`, tokenEndpoint: `${oauth}/oauth2/v1/tokens/bearer` },
    ...{ revocationEndpoint: `${oauth}/v2/oauth2/tokens/revoke`, apiBaseUrl: url },
  };
  const rows = {
    ...{ name: 'rows', path: '/rows', items: 'rows', id: 'Id', updatedAt: 'MetaData.LastUpdatedTime' },
    page: { type: 'cursor', parameter: 'after', next: 'next' },
  };
  const acme = {
    ...{ id: 'acme', title: 'Acme', api: { baseUrl: `${url}/v1`, probe: '/me' }, streams: [rows] },
    limits: [{ permits: 10_000, perMs: 1000, burst: 10_000, concurrency: 8 }],
  };
  writeFileSync(
    join(home, 'config.json'),
    JSON.stringify({ endpoints: { quickbooks: endpoints }, providers: { acme } }),
    {
      mode: 0o600,
    },
  );
  await run([BIN, 'connect', 'quickbooks', '--env', 'sandbox', '--no-browser'], envOf(home));
  await run([BIN, 'connect', 'acme', '--with-token'], envOf(home), 'a-token-that-was-brought');
  return home;
}

interface Usage {
  /** User and system time, microseconds. */
  readonly cpu: number;
  /** KB. */
  readonly maxRSS: number;
}

/** Runs one measured process; lwi on a copy of `home`. */
async function usageOf(words: readonly string[], home: string): Promise<Usage> {
  const copy = `${home}-copy`;
  cpSync(home, copy, { recursive: true });
  try {
    return await measured(words, copy);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

async function measured(words: readonly string[], home: string): Promise<Usage> {
  const file = join(folder, 'usage.json');
  const options = (process.env['BENCH_NODE_OPTIONS'] ?? '').split(' ').filter((option) => option !== '');
  await run(['--import', fileAt('usage-at-exit.mjs'), ...options, ...words], envOf(home, { USAGE_FILE: file }));
  return JSON.parse(readFileSync(file, 'utf8')) as Usage;
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const verdict = (ratio: number, goal: number) =>
  `${ratio.toFixed(2)} (goal <= ${goal}: ${ratio <= goal ? 'met' : 'not met'})`;

async function cpu(): Promise<void> {
  const url = await records(100_000, 1000);
  const home = await homeFor(url);
  const forms = [
    ['cursor', `${url}/v1/rows`, ['sync', 'acme', '--json']],
    ['quickbooks', `${url}/v3/company/1/query`, ['sync', 'quickbooks', '--entity', 'invoices', '--json']],
  ] as const;
  process.stdout.write(`\nCPU of a sync of 100,000 records of 1 KB, s, median of ${ROUNDS} rounds\n`);
  for (const [form, address, words] of forms) {
    const times = { bare: [] as number[], lwi: [] as number[] };
    for (let round = 0; round < ROUNDS; round++) {
      const database = join(folder, `bare-${form}-${round}.db`);
      times.bare.push((await usageOf([fileAt('bare-sync.mjs'), database, address, form], home)).cpu / 1e6);
      rmSync(database);
      times.lwi.push((await usageOf([BIN, ...words], home)).cpu / 1e6);
    }
    const [bare, lwi] = [median(times.bare), median(times.lwi)];
    process.stdout.write(
      `${form.padEnd(12)} bare loop ${bare.toFixed(2)}  lwi ${lwi.toFixed(2)}  ratio ${verdict(lwi / bare, CPU_GOAL)}\n`,
    );
  }
}

/** Each is run against both sizes. Steps before the last one only prepare. */
const MEMORY: readonly (readonly [name: string, ...steps: (readonly string[])[]])[] = [
  ['sync', ['sync', 'acme', '--json']],
  ['sync --full', ['sync', 'acme', '--json'], ['sync', 'acme', '--full', '--json']],
  ['sync --output singer', ['sync', 'acme', '--output', 'singer']],
];

async function memory(): Promise<void> {
  const small = await homeFor(await records(10_000, 500));
  const large = await homeFor(await records(1_000_000, 500));
  process.stdout.write('\nPeak memory of a sync, MB, 10,000 and 1,000,000 records of 500 B\n');
  for (const [name, ...steps] of MEMORY) {
    const peaks: number[] = [];
    for (const home of [small, large]) {
      const copy = `${home}-memory`;
      cpSync(home, copy, { recursive: true });
      let peak = 0;
      for (const words of steps) peak = (await measured([BIN, ...words], copy)).maxRSS / 1024;
      peaks.push(peak);
      rmSync(copy, { recursive: true, force: true });
    }
    const [few = Number.NaN, many = Number.NaN] = peaks;
    process.stdout.write(
      `${name.padEnd(20)} ${few.toFixed(0).padStart(5)} ${many.toFixed(0).padStart(6)}  ratio ${verdict(many / few, MEMORY_GOAL)}\n`,
    );
  }
}

try {
  if (what !== 'memory') await cpu();
  if (what !== 'cpu') await memory();
} finally {
  for (const server of servers) server.kill();
  await served.close();
  rmSync(folder, { recursive: true, force: true });
}
