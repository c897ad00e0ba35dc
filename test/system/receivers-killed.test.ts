import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { systemClock, systemRandom } from '../../src/clock.ts';
import { seededRandom } from '../../src/mock/seeded-random.ts';
import { freePort } from '../support/free-port.ts';
import { onDatabase } from '../support/postgres.ts';
import { NO_POSTGRES, type PostgresServer, postgresPrograms, postgresServer } from '../support/postgres-server.ts';
import { openScenario, type Scenario, withEnvironment } from '../support/scenario.ts';
import { type Serving, startListen } from '../support/serving.ts';
import { postEvent, slackEvent } from '../support/signed-event.ts';
import { changeStore, queryStore } from '../support/store-file.ts';
import { placeStore } from '../support/store-place.ts';
import { type Arrived, openTarget } from '../support/target.ts';
import { thorough } from '../support/thorough.ts';

/** Another one each time; `LWI_TEST_SEED` repeats a run, as far as processes repeat themselves. */
const SEED = Number(process.env['LWI_TEST_SEED'] ?? Math.floor(systemRandom() * 1e9));
const KILLS = thorough(12, 80);
const RECEIVERS = 4;
/** Before each kill, ms. */
const WAIT_MS = { least: 500, most: 1500 };
/** Senders at once, and how long each waits after an event, and after one that was not taken, ms. */
const SENDERS = 8;
const PACE_MS = 15;
const AGAIN_MS = 100;
/** Of so many events one comes again although it was taken. */
const REPEATED = 20;
/** How long the database is away, ms. */
const AWAY_MS = 700;

/** One machine whose store is a database of its own on this server; its receivers live as long as they are let. */
async function scenarioOn(server: PostgresServer, name: string): Promise<Scenario> {
  await onDatabase(server.url('postgres'), (db) => db.script(`CREATE DATABASE ${name}`));
  const LWI_DATABASE_URL = server.url(name);
  const lwi = withEnvironment(await openScenario(), { LWI_DATABASE_URL });
  placeStore(lwi.home, LWI_DATABASE_URL);
  return { ...lwi, start: (words, options) => lwi.start(words, { ...options, limitMs: 600_000 }) };
}

interface Sent {
  /** Ids that were answered with 200. */
  readonly taken: Set<string>;
  /** How often each answer came; 0: none. */
  readonly answers: Map<number, number>;
}

/** Sends events to one receiver after the other, each until somebody has taken it, and some again. */
async function sendEvents(urls: () => readonly string[], ended: () => boolean, sent: Sent): Promise<void> {
  let number = 0;
  let turn = 0;
  const sender = async () => {
    while (!ended()) {
      const id = `Ev${String(number++).padStart(6, '0')}`;
      for (let times = Number(id.slice(2)) % REPEATED === 0 ? 2 : 1; times > 0; ) {
        const all = urls();
        const { status } = await postEvent(`${all[turn++ % all.length]}/webhooks/slack`, slackEvent(id));
        sent.answers.set(status, (sent.answers.get(status) ?? 0) + 1);
        if (status === 200) {
          times -= 1;
          sent.taken.add(id);
        }
        await systemClock.sleep(status === 200 ? PACE_MS : AGAIN_MS);
      }
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
}

/** What must not be: each sentence is one kind of fault. */
function faults(taken: ReadonlySet<string>, kept: readonly string[], arrived: readonly Arrived[]): string[] {
  const here = new Set(kept);
  const there = new Map<string, Set<string>>();
  for (const one of arrived) {
    const { event_id: id } = JSON.parse(one.body.toString('utf8')) as { event_id: string };
    there.set(id, (there.get(id) ?? new Set()).add(one.header('x-lwi-event-id') ?? ''));
  }
  const lost = [...taken].filter((id) => !here.has(id));
  const missed = kept.filter((id) => !there.has(id));
  const renamed = [...there].filter(([id, names]) => names.size !== 1 || !names.has(id)).map(([id]) => id);
  return [
    ...(lost.length > 0 ? [`acknowledged and lost: ${lost}`] : []),
    ...(here.size < kept.length ? [`there more than once: ${kept.length - here.size}`] : []),
    ...(missed.length > 0 ? [`never sent to the target: ${missed}`] : []),
    ...(renamed.length > 0 ? [`under another id: ${renamed}`] : []),
  ];
}

const keysOf = ({ home }: Scenario) => queryStore<{ key: string }>(home, 'SELECT key FROM inbox').map(({ key }) => key);

describe.skipIf(postgresPrograms() === undefined)('receivers on one PostgreSQL database', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await postgresServer();
  });
  afterAll(() => server.remove());

  test('while the database is away senders are answered with 503 in time, and nothing is half stored', async () => {
    const lwi = await scenarioOn(server, 'away');
    const listen = await startListen(lwi);
    const send = async (id: string) => {
      const began = performance.now();
      const answer = await postEvent(`${listen.url}/webhooks/slack`, slackEvent(id));
      return { ...answer, inTime: performance.now() - began < 3000 };
    };
    expect(await send('Before')).toMatchObject({ status: 200 });
    await server.stop('immediate');
    const all = await Promise.all(['One', 'Two', 'Three'].map(send));
    for (const answer of all)
      expect(answer).toMatchObject({ status: 503, json: { error: 'not-stored' }, inTime: true });
    const health = await fetch(`${listen.url}/healthz`);
    expect([health.status, await health.json()]).toMatchObject([503, { status: 'degraded' }]);
    await server.start();
    await expect.poll(async () => (await send('One')).status, { timeout: 10_000 }).toBe(200);
    expect((await send('Before')).json).toMatchObject({ duplicate: true });
    expect(keysOf(lwi)).toEqual(['Before', 'One']);
  });

  test(`${KILLS} kills of ${RECEIVERS} receivers and two restarts of the database lose no acknowledged event, each of which reaches the target under one id (seed ${SEED})`, {
    timeout: KILLS * 10_000 + 60_000,
  }, async () => {
    const random = seededRandom(SEED);
    const lwi = await scenarioOn(server, 'killed');
    const target = await openTarget((_, outgoing) => {
      void systemClock.sleep(Math.floor(random() * 10)).then(() => outgoing.end());
      return undefined;
    });
    const start = async (words: readonly string[]): Promise<Serving> => {
      for (;;) {
        try {
          return await startListen(lwi, words);
        } catch {
          // The database is away: whoever watches over a service starts it again.
          await systemClock.sleep(AGAIN_MS);
        }
      }
    };
    const ports = await Promise.all(Array.from({ length: RECEIVERS }, () => freePort()));
    const words = (port = 0) => ['--port', String(port), '--forward-to', target.url];
    // The first one makes the schema.
    const running = [await start(words(ports[0]))];
    running.push(...(await Promise.all(ports.slice(1).map((port) => start(words(port))))));
    const sent: Sent = { taken: new Set(), answers: new Map() };
    let over = false;
    const sending = sendEvents(
      () => ports.map((port) => `http://127.0.0.1:${port}`),
      () => over,
      sent,
    );
    onTestFinished(() => {
      over = true;
    });
    const restart = async (how: 'fast' | 'immediate') => {
      await server.stop(how);
      await systemClock.sleep(AWAY_MS);
      await server.start();
    };
    let restarted: Promise<unknown> = Promise.resolve();
    for (let kill = 0; kill < KILLS; kill++) {
      await systemClock.sleep(WAIT_MS.least + random() * (WAIT_MS.most - WAIT_MS.least));
      if (kill === Math.floor(KILLS / 3)) restarted = restart('fast');
      if (kill === Math.floor((2 * KILLS) / 3)) restarted = restarted.then(() => restart('immediate'));
      const at = kill % RECEIVERS;
      running[at]?.child.kill('SIGKILL');
      await running[at]?.ended;
      running[at] = await start(words(ports[at]));
    }
    await restarted;
    over = true;
    await sending;
    const open = () => queryStore(lwi.home, "SELECT event FROM forwards WHERE state <> 'delivered'").length;
    await expect.poll(open, { timeout: 30_000, interval: 200 }).toBe(0);

    const kept = keysOf(lwi);
    expect(faults(sent.taken, kept, target.arrived)).toEqual([]);
    // Else the kills and the restarts came beside the load.
    expect(sent.answers.get(0)).toBeGreaterThan(0);
    expect(sent.answers.get(503)).toBeGreaterThan(0);
    expect(sent.taken.size).toBeGreaterThan(20 * KILLS);
    // One that is taken away is missed.
    const [first = ''] = sent.taken;
    changeStore(lwi.home, `DELETE FROM inbox WHERE key = '${first}'`);
    expect(faults(sent.taken, keysOf(lwi), target.arrived)).toEqual([`acknowledged and lost: ${first}`]);
    const others = target.arrived.filter((one) => one.header('x-lwi-event-id') !== first);
    expect(faults(sent.taken, kept, others)).toEqual([`never sent to the target: ${first}`]);
    const answers = [...sent.answers].map(([status, count]) => `${count} × ${status || 'cut off'}`).join(', ');
    process.stderr.write(
      `${KILLS} kills, 2 restarts: ${answers}; ${kept.length} kept, ${target.arrived.length - kept.length} came to the target again\n`,
    );
  });
});

if (postgresPrograms() === undefined) test('receivers on one PostgreSQL database', ({ skip }) => skip(NO_POSTGRES));
