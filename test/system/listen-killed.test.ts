import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock, systemRandom } from '../../src/clock.ts';
import { seededRandom } from '../../src/mock/seeded-random.ts';
import { occupyPort } from '../support/free-port.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { startListen, WEBHOOK_SECRETS } from '../support/serving.ts';
import { integrity, queryStore } from '../support/store-file.ts';
import { openTarget } from '../support/target.ts';
import { thorough } from '../support/thorough.ts';

/** Another one each time; `LWI_TEST_SEED` repeats a run, as far as processes repeat themselves. */
const SEED = Number(process.env['LWI_TEST_SEED'] ?? Math.floor(systemRandom() * 1e9));
const KILLS = thorough(6, 20);
/** Events of a round; and the longest wait before the kill, ms, by when about half of them have been sent. */
const EVENTS = 250;
const LATEST_MS = 250;
const CONCURRENCY = 10;
/** How long the target takes for an answer at most, ms: so that some are on their way when the kill comes. */
const ANSWER_MS = 12;

interface Load {
  readonly sent: number;
  readonly taken: readonly number[];
  readonly other: Readonly<Record<string, number>>;
}

/** Senders of Slack events in a process of their own, at full speed; who is cut off or refused comes again at once. */
function startLoad(): (job: object) => Promise<Load> {
  const script = fileURLToPath(new URL('../bench/webhook-load.mjs', import.meta.url));
  const child = spawn(process.execPath, [script], { env: WEBHOOK_SECRETS, stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async (job) => {
    child.stdin.write(`${JSON.stringify(job)}\n`);
    return JSON.parse(String((await lines.next()).value)) as Load;
  };
}

/** A port that the system gives to nobody by itself: one that connects to a port of those where nobody listens may meet itself. */
async function quietPort(random: () => number): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(random() * 10_000);
    const server = await occupyPort(port).then(
      (taken) => taken.server,
      () => undefined,
    );
    if (!server) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

const keyOf = (number: number) => `Ev${String(number).padStart(10, '0')}`;

/** How often each event came, or was being sent when a process was killed. */
function counted(keys: readonly (string | undefined)[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(String(key), (counts.get(String(key)) ?? 0) + 1);
  return counts;
}

const interrupted = (lwi: Scenario) =>
  queryStore<{ key: string }>(
    lwi.home,
    "SELECT key FROM forward_attempts JOIN inbox USING (event) WHERE error LIKE 'lwi was ended%'",
  ).map(({ key }) => key);

test(`${KILLS} kills under load lose no acknowledged event, and repeat at the target only what was on its way (seed ${SEED})`, {
  timeout: 120_000,
}, async () => {
  const random = seededRandom(SEED);
  const lwi = await openScenario();
  const target = await openTarget((_, outgoing) => {
    void systemClock.sleep(Math.floor(random() * ANSWER_MS)).then(() => outgoing.end());
    return undefined;
  });
  const load = startLoad();
  const port = await quietPort(random);
  const words = ['--port', String(port), '--forward-to', target.url, '--concurrency', String(CONCURRENCY)];
  const acknowledged: string[] = [];
  const cut: number[] = [];
  let listen = await startListen(lwi, words);
  for (let round = 0; round < KILLS; round++) {
    const job = load({ url: listen.url, first: round * EVENTS, count: EVENTS, seconds: 20 });
    await systemClock.sleep(Math.floor(random() * LATEST_MS));
    listen.child.kill('SIGKILL');
    await listen.ended;
    listen = await startListen(lwi, words);
    const { sent, taken, other } = await job;
    expect(sent).toBe(EVENTS);
    acknowledged.push(...taken.map(keyOf));
    cut.push(other['cut'] ?? 0);
  }
  const open = () => queryStore(lwi.home, "SELECT event FROM forwards WHERE state <> 'delivered'").length;
  await expect.poll(open, { timeout: 20_000, interval: 200 }).toBe(0);

  const kept = queryStore<{ key: string }>(lwi.home, 'SELECT key FROM inbox').map(({ key }) => key);
  const known = new Set(kept);
  expect(acknowledged.filter((key) => !known.has(key))).toEqual([]);
  expect(known.size).toBe(kept.length);
  const arrived = counted(target.ids());
  expect(kept.filter((key) => !arrived.has(key))).toEqual([]);
  const onTheWay = interrupted(lwi);
  const excuses = counted(onTheWay);
  const unexcused = [...arrived].filter(([key, times]) => times > 1 + (excuses.get(key) ?? 0));
  expect(unexcused).toEqual([]);
  expect(onTheWay.length).toBeLessThanOrEqual(KILLS * CONCURRENCY);
  expect(integrity(lwi.home)).toBe('ok');
  // Else the kills came beside the load.
  expect(cut.filter((count) => count > 0).length).toBeGreaterThan(KILLS / 2);
  expect(onTheWay.length).toBeGreaterThan(0);
  const repeats = target.arrived.length - arrived.size;
  process.stderr.write(
    `${KILLS} kills: ${acknowledged.length} acknowledged, ${kept.length} kept, ${onTheWay.length} on their way to the target when it was killed, ${repeats} came there twice\n`,
  );
});
