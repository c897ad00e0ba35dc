import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { startListen } from '../support/serving.ts';
import { postEvent, slackEvent } from '../support/signed-event.ts';
import { lockStore, queryStore } from '../support/store-file.ts';
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

test('while another program holds the database each sender gets a 503 in time, health answers at once, and afterwards all goes on', async () => {
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

test.each([
  [
    'full',
    (home: string) => expect(() => writeFileSync(join(home, 'ballast'), Buffer.alloc(17_000_000))).toThrow('ENOSPC'),
    (home: string) => rmSync(join(home, 'ballast')),
  ],
  [
    'read-only',
    (home: string) => execFileSync('mount', ['-o', 'remount,ro', home]),
    (home: string) => execFileSync('mount', ['-o', 'remount,rw', home]),
  ],
])(
  'on a disk that is %s nothing is taken, and nothing is lost; with room again all goes on',
  async (_, spoil, mend) => {
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
    spoil(lwi.home);
    // What was set aside beforehand may hold some more.
    for (let each = 0; each < 2000 && (await send(`On${each}`)) === 200; ) each += 1;
    expect(await send('Refused')).toBe(503);
    expect((await fetch(`${listen.url}/healthz`)).headers.get('content-type')).toMatch(/^application\/json/);
    mend(lwi.home);
    await expect.poll(() => send('After')).toBe(200);
    expect(keys(lwi)).toEqual(taken);
    listen.child.kill('SIGTERM');
    await listen.ended;
  },
);

test('SIGTERM while events come: what was answered with 200 is there, and no answer is cut in half', async () => {
  const lwi = await openScenario();
  const listen = await startListen(lwi);
  const at = `${listen.url}/webhooks/slack`;
  const taken: string[] = [];
  const others: unknown[] = [];
  let sent = 0;
  const sender = async () => {
    for (;;) {
      sent += 1;
      const id = `Ev${sent}`;
      try {
        const { status } = await postEvent(at, slackEvent(id));
        if (status === 200) taken.push(id);
        else others.push(status);
      } catch (error) {
        // No answer at all; half of one would be no JSON.
        if (!/fetch failed|ECONNRE|socket hang up/.test(String(error))) others.push(String(error));
        return;
      }
    }
  };
  const senders = Array.from({ length: 20 }, sender);
  await expect.poll(() => taken.length, { timeout: 20_000 }).toBeGreaterThan(200);
  listen.child.kill('SIGTERM');
  await Promise.all(senders);
  await listen.ended;
  expect(others.filter((other) => other !== 503)).toEqual([]);
  const kept = new Set(keys(lwi));
  expect(taken.filter((id) => !kept.has(id))).toEqual([]);
});
