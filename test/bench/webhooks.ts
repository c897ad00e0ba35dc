import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';

/**
 * How many signed deliveries a second `lwi webhook listen` takes, against a bare node:http server that reads the body and answers (`bare-receiver.mjs`): both get the
 * same load (`webhook-load.mjs`) in turns, each in a process of its own, for half a minute each in all. Then the rows in the database are compared with the
 * ids that were answered with 200: each must be there exactly once. After `npm run build`:
 *
 *     node test/bench/webhooks.ts [rounds] [seconds of a round]
 */
const [rounds = '6', seconds = '5'] = process.argv.slice(2);
const RATE_GOAL = 0.5;
const P99_GOAL_MS = 100;
/** More than are sent in a second, so that no round runs out of requests. */
const MOST_A_SECOND = 50_000;

const fileAt = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'lwi-bench-'));
const home = join(folder, 'home');
mkdirSync(home, { mode: 0o700 });
const env = {
  ...{ PATH: process.env['PATH'] ?? '', HOME: home, LWI_HOME: home },
  ...{ LWI_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'), LWI_SLACK_WEBHOOK_SECRET: 'bench-secret' },
};
const children: ChildProcess[] = [];

/** Starts a child and gives what asks it for its next line of JSON, after writing one to it. */
function lines(words: readonly string[]) {
  const child = spawn(process.execPath, words, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const output = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async <Line>(given?: object): Promise<Line> => {
    if (given) child.stdin.write(`${JSON.stringify(given)}\n`);
    const { value } = await output.next();
    if (value === undefined) throw new Error(`${words.join(' ')} ended with ${child.exitCode}`);
    return JSON.parse(value) as Line;
  };
  return { next, cpu: () => [cpuOf(child.pid ?? 0), cpuOf(child.pid ?? 0, `/task/${child.pid}`)] as const };
}

/** CPU time so far of a process, or of its first thread, in hundredths of a second (proc_pid_stat(5), fields 14 and 15). NaN on other systems. */
function cpuOf(pid: number, thread = ''): number {
  try {
    const fields = readFileSync(`/proc/${pid}${thread}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return Number.NaN;
  }
}

interface Load {
  readonly sent: number;
  /** Numbers of the events that were answered with 200. */
  readonly taken: readonly number[];
  readonly other: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** Of the time to an answer, ms. */
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const met = (good: boolean) => (good ? 'met' : 'not met');

function report(name: string, { taken, other, seconds: took, p50, p99, longest }: Load, cpu: readonly number[]): void {
  const times = [p50, p99, longest].map((ms) => ms.toFixed(1).padStart(6)).join(' ');
  const each = cpu.map((ticks) => ((ticks * 1e4) / taken.length).toFixed(0).padStart(3)).join(' ');
  const rest = Object.keys(other).length > 0 ? `  others ${JSON.stringify(other)}` : '';
  process.stdout.write(
    `${name.padEnd(5)} ${(taken.length / took).toFixed(0).padStart(6)} a second  p50 p99 max ${times} ms  CPU ${each} us each, of all and of the first thread${rest}\n`,
  );
}

/** Ids that are not in the database exactly once. */
function notOnce(taken: readonly number[]): number {
  const database = new Database(join(home, 'lwi.db'), { readonly: true });
  const counts = new Map<string, number>();
  for (const key of database.prepare('SELECT key FROM inbox').pluck().iterate() as IterableIterator<string>) {
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  database.close();
  process.stdout.write(`\nanswered with 200: ${taken.length}, rows: ${counts.size}\n`);
  return taken.filter((number) => counts.get(`Ev${String(number).padStart(10, '0')}`) !== 1).length;
}

try {
  const load = lines([fileAt('webhook-load.mjs')]);
  const options = (process.env['BENCH_NODE_OPTIONS'] ?? '').split(' ').filter((option) => option !== '');
  const servers = {
    bare: lines([fileAt('bare-receiver.mjs')]),
    lwi: lines([...options, fileAt('../../bin/lwi.js'), 'webhook', 'listen', '--port', '0', '--json']),
  };
  const urls = {
    bare: (await servers.bare.next<{ url: string }>()).url,
    lwi: (await servers.lwi.next<{ url: string }>()).url,
  };
  const rates = { bare: [] as number[], lwi: [] as number[] };
  const p99s: number[] = [];
  const taken: number[] = [];
  let first = 0;
  for (let round = 0; round < Number(rounds); round++) {
    for (const name of ['bare', 'lwi'] as const) {
      const count = MOST_A_SECOND * Number(seconds);
      const job = { url: urls[name], first, count, seconds: Number(seconds) };
      const before = servers[name].cpu();
      const result = await load.next<Load>(job);
      first += count;
      report(
        name,
        result,
        servers[name].cpu().map((ticks, at) => ticks - (before[at] ?? 0)),
      );
      rates[name].push(result.taken.length / result.seconds);
      if (name === 'bare') continue;
      p99s.push(result.p99);
      for (const number of result.taken) taken.push(number);
    }
  }
  const ratio = median(rates.lwi) / median(rates.bare);
  const p99 = Math.max(...p99s);
  process.stdout.write(`\nratio ${ratio.toFixed(2)} (goal >= ${RATE_GOAL}: ${met(ratio >= RATE_GOAL)})\n`);
  process.stdout.write(
    `worst p99 of a round ${p99.toFixed(1)} ms (goal < ${P99_GOAL_MS}: ${met(p99 < P99_GOAL_MS)})\n`,
  );
  const lost = notOnce(taken);
  process.stdout.write(`not there exactly once: ${lost} (goal 0: ${met(lost === 0)})\n`);
} finally {
  for (const child of children) child.kill();
  rmSync(folder, { recursive: true, force: true });
}
