import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { makeReadOnly, ownFileSystem } from '../support/own-file-system.ts';
import { failureOf, openScenario, type Scenario } from '../support/scenario.ts';
import { type Serving, startListen, WEBHOOK_SECRETS } from '../support/serving.ts';
import { postEvent, slackEvent } from '../support/signed-event.ts';
import { integrity, queryStore } from '../support/store-file.ts';
import { OF_THE_FILE, ON_POSTGRES } from '../support/store-place.ts';
import { openTarget, type Target } from '../support/target.ts';

const MB = 1024 * 1024;

/** What became of one delivery; how long the sender waited, ms. */
interface Sent {
  readonly id: string;
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly waitedMs: number;
}

async function send(listen: Serving, id: string): Promise<Sent> {
  const sentAt = systemClock.now();
  const { status, headers } = await postEvent(
    `${listen.url}/webhooks/slack`,
    slackEvent(id, { text: 'x'.repeat(2000) }),
  );
  return { id, status, retryAfter: headers['retry-after'], waitedMs: systemClock.now() - sentAt };
}

const keys = (lwi: Scenario) => queryStore<{ key: string }>(lwi.home, 'SELECT key FROM inbox').map(({ key }) => key);

/** Every event that was answered with 200 is on disk once, and comes to the target; and lwi still takes new ones. */
async function nothingLost(lwi: Scenario, listen: Serving, target: Target, sent: readonly Sent[]): Promise<void> {
  await expect.poll(async () => (await send(listen, 'EvLast')).status, { timeout: 10_000, interval: 200 }).toBe(200);
  const taken = [...sent.filter(({ status }) => status === 200).map(({ id }) => id), 'EvLast'];
  const left = () => queryStore(lwi.home, "SELECT event FROM forwards WHERE state <> 'delivered'").length;
  await expect.poll(left, { timeout: 15_000 }).toBe(0);
  expect(taken.filter((id) => !keys(lwi).includes(id))).toEqual([]);
  expect(new Set(target.ids())).toEqual(new Set(keys(lwi)));
  expect(integrity(lwi.home)).toBe('ok');
  listen.child.kill('SIGTERM');
  expect((await listen.ended).code).toBe(143);
}

/** Sends an event every so often until `done`; all answers. */
async function sendUntil(listen: Serving, done: () => boolean, everyMs = 300): Promise<readonly Sent[]> {
  const sent: Promise<Sent>[] = [];
  while (!done()) {
    sent.push(send(listen, `EvTrouble${sent.length}`));
    await systemClock.sleep(everyMs);
  }
  return Promise.all(sent);
}

test('while another process holds the database it answers in time, and goes on when that one is done', async ({
  skip,
}) => {
  if (ON_POSTGRES) skip(OF_THE_FILE);
  const lwi = await openScenario();
  const target = await openTarget();
  const listen = await startListen(lwi, ['--forward-to', target.url]);
  expect((await send(listen, 'EvBefore')).status).toBe(200);
  const holder = new Database(join(lwi.home, 'lwi.db'));
  onTestFinished(() => void holder.close());
  holder.exec('BEGIN IMMEDIATE');
  let over = false;
  void systemClock.sleep(3600).then(() => {
    holder.exec('ROLLBACK');
    over = true;
  });
  const health: number[] = [];
  const looks = (async () => {
    while (!over) {
      const askedAt = systemClock.now();
      await fetch(`${listen.url}/healthz`).then((answer) => answer.text());
      health.push(systemClock.now() - askedAt);
      await systemClock.sleep(200);
    }
  })();
  // Should it end meanwhile, what it said last tells more than that nobody answers.
  const died = listen.ended.then((ran) => Promise.reject(new Error(JSON.stringify(ran))));
  const [sent] = await Promise.race([Promise.all([sendUntil(listen, () => over), looks]), died]);
  expect(new Set(sent.map(({ status }) => status))).toEqual(new Set([200, 503]));
  const refused = sent.filter(({ status }) => status === 503);
  expect(new Set(refused.map(({ retryAfter }) => retryAfter))).toEqual(new Set(['5']));
  // What waits for the lock must not keep the process from answering: 2.8 s by the receiver's own clock, and what a busy machine adds.
  expect(Math.max(...sent.map(({ waitedMs }) => waitedMs))).toBeLessThan(4500);
  expect(health.length).toBeGreaterThan(5);
  expect(Math.max(...health)).toBeLessThan(2000);
  await nothingLost(lwi, listen, target, sent);
});

test('a stop is heard while another process holds the database, with an answer of the target in hand', async ({
  skip,
}) => {
  if (ON_POSTGRES) skip(OF_THE_FILE);
  const lwi = await openScenario();
  const holder = () => new Database(join(lwi.home, 'lwi.db'));
  let held: ReturnType<typeof holder> | undefined;
  const target = await openTarget(() => {
    held ??= holder().exec('BEGIN IMMEDIATE');
    return 200;
  });
  const listen = await startListen(lwi, ['--forward-to', target.url]);
  expect((await send(listen, 'Ev1')).status).toBe(200);
  await expect.poll(() => target.arrived.length).toBe(1);
  onTestFinished(() => void held?.close());
  const waiting = send(listen, 'Ev2');
  const stoppedAt = systemClock.now();
  listen.child.kill('SIGTERM');
  expect((await listen.ended).code).toBe(143);
  expect(systemClock.now() - stoppedAt).toBeLessThan(4000);
  expect([0, 503]).toContain((await waiting).status);
  held?.exec('ROLLBACK');
  // What could not be written down counts as not known, and is sent again.
  const second = await startListen(lwi, ['--forward-to', target.url]);
  await second.line('delivery', { eventId: 'Ev1', state: 'delivered' });
  expect(target.ids()).toEqual(['Ev1', 'Ev1']);
});

const REFUSED = 'mounting a file system is refused here';

test('a disk that is full costs no acknowledged event: 503 until there is room again', async ({ skip }) => {
  if (ON_POSTGRES) skip(OF_THE_FILE);
  const lwi = await openScenario();
  if (!ownFileSystem(lwi.home, 8 * MB)) skip(REFUSED);
  const target = await openTarget();
  const listen = await startListen(lwi, ['--forward-to', target.url]);
  expect((await send(listen, 'EvBefore')).status).toBe(200);
  const ballast = join(lwi.home, 'ballast');
  expect(() => writeFileSync(ballast, Buffer.alloc(9 * MB))).toThrow('ENOSPC');
  const until = systemClock.now() + 1500;
  const sent = await sendUntil(listen, () => systemClock.now() > until, 20);
  const refused = sent.filter(({ status }) => status !== 200);
  expect(refused.length).toBeGreaterThan(10);
  expect(new Set(refused.map(({ status, retryAfter }) => `${status} ${retryAfter}`))).toEqual(new Set(['503 5']));
  expect(await listen.line('refused')).toMatchObject({ outcome: 'failed', error: { code: 'STORE_FULL' } });
  const health = await fetch(`${listen.url}/healthz`);
  expect([health.status, await health.text()]).toEqual([503, expect.stringContaining('store: STORE_FULL')]);
  rmSync(ballast);
  await nothingLost(lwi, listen, target, sent);
});

test('a home that cannot be written is code 7 before anything is taken', async ({ skip }) => {
  if (ON_POSTGRES) skip(OF_THE_FILE);
  const lwi = await openScenario();
  if (!ownFileSystem(lwi.home, 8 * MB)) skip(REFUSED);
  const listen = await startListen(lwi);
  expect((await send(listen, 'EvBefore')).status).toBe(200);
  listen.child.kill('SIGTERM');
  await listen.ended;
  makeReadOnly(lwi.home);
  const failure = failureOf(await lwi.run(['webhook', 'listen', '--port', '0', '--json'], { env: WEBHOOK_SECRETS }));
  expect(failure).toMatchObject({ exit: 7, error: { code: 'STORE_READONLY' } });
});
