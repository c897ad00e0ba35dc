import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { startListen } from '../support/serving.ts';
import { postEvent, slackEvent } from '../support/signed-event.ts';
import { lockStore, queryStore } from '../support/store-file.ts';
import { OF_THE_FILE, ON_POSTGRES } from '../support/store-place.ts';
import { openTarget } from '../support/target.ts';

const REFUSED = 'mounting a file system is refused here';

const keys = ({ home }: Scenario) =>
  queryStore<{ key: string }>(home, 'SELECT key FROM inbox ORDER BY event').map(({ key }) => key);

/** Answer and how long it took, ms. */
async function timed<Answer>(work: Promise<Answer>): Promise<Answer & { readonly ms: number }> {
  const began = performance.now();
  const answer = await work;
  return { ...answer, ms: performance.now() - began };
}

test('while another program holds the database each sender gets a 503 in time, health answers at once, and afterwards all goes on', async ({
  skip,
}) => {
  if (ON_POSTGRES) skip(OF_THE_FILE);
  const lwi = await openScenario();
  const target = await openTarget();
  const listen = await startListen(lwi, ['--forward-to', target.url]);
  const at = `${listen.url}/webhooks/slack`;
  expect(await postEvent(at, slackEvent('Ev1'))).toMatchObject({ status: 200 });
  const unlock = lockStore(lwi.home);
  onTestFinished(unlock);
  const senders = Array.from({ length: 30 }, (_, each) => timed(postEvent(at, slackEvent(`Held${each}`))));
  const healths = Array.from({ length: 3 }, async () => {
    const began = performance.now();
    const { status } = await fetch(`${listen.url}/healthz`);
    return { status, ms: performance.now() - began };
  });
  for (const { ms } of await Promise.all(healths)) expect(ms).toBeLessThan(1000);
  for (const answer of await Promise.all(senders)) {
    expect(answer).toMatchObject({ status: 503, json: { error: expect.stringMatching(/^(not-stored|too-slow)$/) } });
    expect(answer.ms).toBeLessThan(3000);
  }
  const later = await timed(postEvent(at, slackEvent('HeldLater')));
  expect([later.status, later.ms < 3000]).toEqual([503, true]);
  unlock();
  await expect.poll(async () => (await postEvent(at, slackEvent('Ev2'))).status).toBe(200);
  expect(keys(lwi)).toEqual(expect.arrayContaining(['Ev1', 'Ev2']));
});

test('on a disk that is full nothing is taken, and nothing is lost; with room again all goes on', async ({ skip }) => {
  if (ON_POSTGRES) skip(OF_THE_FILE);
  const lwi = await openScenario();
  mkdirSync(lwi.home, { mode: 0o700 });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m,mode=0700', 'tmpfs', lwi.home], { stdio: 'ignore' });
  } catch {
    return void process.stderr.write(`skipped: ${REFUSED}\n`);
  }
  onTestFinished(() => {
    execFileSync('umount', ['-l', lwi.home]);
  });
  const listen = await startListen(lwi);
  const at = `${listen.url}/webhooks/slack`;
  const taken: string[] = [];
  const send = async (id: string) => {
    const { status } = await postEvent(at, slackEvent(id));
    if (status === 200) taken.push(id);
    return status;
  };
  for (let each = 0; each < 5; each++) expect(await send(`Before${each}`)).toBe(200);
  const ballast = join(lwi.home, 'ballast');
  expect(() => writeFileSync(ballast, Buffer.alloc(17_000_000))).toThrow('ENOSPC');
  // What was set aside beforehand may hold some more.
  for (let each = 0; each < 2000 && (await send(`On${each}`)) === 200; ) each += 1;
  expect(await send('Refused')).toBe(503);
  expect((await fetch(`${listen.url}/healthz`)).headers.get('content-type')).toMatch(/^application\/json/);
  rmSync(ballast);
  await expect.poll(() => send('After')).toBe(200);
  expect(keys(lwi)).toEqual(taken);
  listen.child.kill('SIGTERM');
  await listen.ended;
});

test('a database that may not be written is 503 until it may be again', async ({ skip }) => {
  if (ON_POSTGRES) skip(OF_THE_FILE);
  const lwi = await openScenario();
  const listen = await startListen(lwi);
  const at = `${listen.url}/webhooks/slack`;
  const database = join(lwi.home, 'lwi.db');
  try {
    execFileSync('chattr', ['+i', database], { stdio: 'ignore' });
  } catch {
    return void process.stderr.write('skipped: making a file immutable is refused here\n');
  }
  const mend = () => execFileSync('chattr', ['-i', database]);
  onTestFinished(() => void mend());
  expect(await postEvent(at, slackEvent('Ev1'))).toMatchObject({ status: 503, json: { error: 'not-stored' } });
  expect((await fetch(`${listen.url}/healthz`)).headers.get('content-type')).toMatch(/^application\/json/);
  mend();
  expect(await postEvent(at, slackEvent('Ev2'))).toMatchObject({ status: 200 });
  expect(keys(lwi)).toEqual(['Ev2']);
});

test('SIGTERM while events come: what was answered with 200 is there, and no answer is cut in half', async () => {
  const lwi = await openScenario();
  const listen = await startListen(lwi);
  const at = `${listen.url}/webhooks/slack`;
  const taken: string[] = [];
  const others = new Set<unknown>();
  let sent = 0;
  const sender = async () => {
    for (let status = 200; status !== 0; ) {
      sent += 1;
      const id = `Ev${sent}`;
      const answer = await postEvent(at, slackEvent(id));
      status = answer.status;
      if (status === 200 && answer.json['eventId'] === id) taken.push(id);
      else others.add(status);
    }
  };
  const senders = Array.from({ length: 20 }, sender);
  await expect.poll(() => taken.length, { timeout: 20_000 }).toBeGreaterThan(200);
  listen.child.kill('SIGTERM');
  await Promise.all(senders);
  await listen.ended;
  // No answer at all, or a refusal; half of one would not be read as JSON.
  expect([...others].filter((status) => status !== 503)).toEqual([0]);
  const kept = new Set(keys(lwi));
  expect(taken.filter((id) => !kept.has(id))).toEqual([]);
});
