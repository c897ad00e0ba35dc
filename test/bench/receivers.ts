import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { connectionSettings } from '../../src/store/postgres/connection-url.ts';
import { PostgresDatabase } from '../../src/store/postgres/database.ts';
import { postgresServer } from '../support/postgres-server.ts';

/**
 * How many signed deliveries a second 1, 2 and 4 `lwi webhook listen` on one PostgreSQL database take, verify and have on disk, against one on SQLite: in turns, each
 * receiver with a load of its own (`webhook-load.mjs`), all on this machine. The server waits for its disk. Then the keys in the database are compared with the
 * ids that were answered with 200: each must be there exactly once. After `npm run build`:
 *
 *     node test/bench/receivers.ts [rounds] [seconds of a round]
 */
const [rounds = '4', seconds = '4'] = process.argv.slice(2);
const SIZES = [1, 2, 4];
/** Requests that are made ready for each receiver and second; a round that has sent them all is over sooner. */
const MOST_A_SECOND = 6000;
const COUNT = MOST_A_SECOND * Number(seconds);

interface Load {
  /** Numbers of the events that were answered with 200. */
  readonly taken: readonly number[];
  readonly other: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** Of the time to an answer, ms. */
  readonly p50: number;
  readonly p99: number;
}

const fileAt = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'lwi-bench-'));
const children: ChildProcess[] = [];
const secrets = {
  ...{ PATH: process.env['PATH'] ?? '', LWI_SLACK_WEBHOOK_SECRET: 'bench-secret' },
  LWI_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
};

/** Starts a child and gives what asks it for its next line of JSON, after writing one to it. */
function lines(words: readonly string[], env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, words, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const output = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async <Line>(given?: object): Promise<Line> => {
    if (given) child.stdin.write(`${JSON.stringify(given)}\n`);
    const { value } = await output.next();
    if (value === undefined) throw new Error(`${words.join(' ')} ended with ${child.exitCode}`);
    return JSON.parse(value) as Line;
  };
}

/** Sends to one receiver what begins with this number. */
type Receiver = (first: number) => Promise<Load>;

/** Starts a receiver with a home of its own, and its load. */
async function receiver(name: string, env: Readonly<Record<string, string>>): Promise<Receiver> {
  const home = join(folder, name);
  mkdirSync(home, { mode: 0o700 });
  const all = { ...secrets, ...env, HOME: home, LWI_HOME: home };
  const { url } = await lines([fileAt('../../bin/lwi.js'), 'webhook', 'listen', '--port', '0', '--json'], all)<{
    url: string;
  }>();
  const load = lines([fileAt('webhook-load.mjs')], secrets);
  return (first) => load<Load>({ url, first, count: COUNT, seconds: Number(seconds) });
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const server = await postgresServer({ settings: { fsync: 'on', full_page_writes: 'on' } });
const url = server.url('bench');
try {
  const admin = new PostgresDatabase(connectionSettings(server.url('postgres'), 'bench'));
  await admin.script('CREATE DATABASE bench');
  await admin.close();
  const shared: Receiver[] = [];
  for (let at = 0; at < Math.max(...SIZES); at++)
    shared.push(await receiver(`machine${at}`, { LWI_DATABASE_URL: url }));
  const alone = await receiver('alone', {});
  const setups = [
    { name: 'SQLite, 1', receivers: [alone] },
    ...SIZES.map((size) => ({ name: `PostgreSQL, ${size}`, receivers: shared.slice(0, size) })),
  ];
  const rates = new Map(setups.map(({ name }) => [name, [] as number[]]));
  const taken: number[] = [];
  let first = 0;
  // The first round warms everything up.
  for (let round = -1; round < Number(rounds); round++) {
    for (const { name, receivers } of setups) {
      const begin = first;
      first += receivers.length * COUNT;
      const loads = await Promise.all(receivers.map((receive, at) => receive(begin + at * COUNT)));
      if (receivers[0] !== alone) for (const load of loads) for (const number of load.taken) taken.push(number);
      if (round < 0) continue;
      const rate = loads.reduce((sum, load) => sum + load.taken.length / load.seconds, 0);
      rates.get(name)?.push(rate);
      const others = loads.map(({ other }) => other).filter((other) => Object.keys(other).length > 0);
      const [p50, p99] = [Math.max(...loads.map((load) => load.p50)), Math.max(...loads.map((load) => load.p99))];
      const rest = others.length > 0 ? `  others ${JSON.stringify(others)}` : '';
      process.stdout.write(
        `${name.padEnd(14)} ${rate.toFixed(0).padStart(6)} a second  worst p50 p99 ${p50.toFixed(0)} ${p99.toFixed(0)} ms${rest}\n`,
      );
    }
  }
  const [sqlite = Number.NaN, one = Number.NaN] = setups.map(({ name }) => median(rates.get(name) ?? []));
  process.stdout.write('\nmedians of a second, and as ratios to one receiver on PostgreSQL and to SQLite\n');
  for (const { name } of setups) {
    const rate = median(rates.get(name) ?? []);
    const ratios = [rate / one, rate / sqlite].map((ratio) => ratio.toFixed(2).padStart(6)).join(' ');
    process.stdout.write(`${name.padEnd(14)} ${rate.toFixed(0).padStart(6)} ${ratios}\n`);
  }
  const db = new PostgresDatabase(connectionSettings(url, 'bench'));
  const kept = await db.rows<{ key: string }>('SELECT key FROM inbox');
  await db.close();
  const keys = new Set(kept.map(({ key }) => key));
  const lost = taken.filter((number) => !keys.has(`Ev${String(number).padStart(10, '0')}`)).length;
  process.stdout.write(`\nanswered with 200: ${taken.length}, rows: ${kept.length}, not there exactly once: ${lost}\n`);
} finally {
  for (const child of children) child.kill();
  await server.remove();
  rmSync(folder, { recursive: true, force: true });
}
