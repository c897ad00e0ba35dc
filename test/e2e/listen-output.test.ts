import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { freePort } from '../support/free-port.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { WEBHOOK_SECRETS } from '../support/serving.ts';
import { postEvent, slackEvent } from '../support/signed-event.ts';
import { queryStore } from '../support/store-file.ts';
import { openTarget } from '../support/target.ts';

const kept = (lwi: Scenario) => queryStore(lwi.home, 'SELECT key FROM inbox').length;

/** A pipe that `reader` has open, and lwi writes to; the process is lwi itself. */
const piped = (reader: string) => `mkfifo pipe; ${reader} & exec $LWI "$@"`;

test.each([
  ['--json', ['--json']],
  ['lines for people', []],
])('with a pipe that nobody empties (%s) it goes on answering and forwarding, and SIGTERM ends it', async (_, how) => {
  const lwi = await openScenario();
  const target = await openTarget();
  const port = await freePort();
  const words = ['webhook', 'listen', '--port', String(port), '--forward-to', target.url, ...how];
  const shell = `${piped('sleep 25 <pipe >/dev/null 2>&1')} >pipe 2>&1`;
  const listen = lwi.start(words, { env: WEBHOOK_SECRETS, shell });
  const url = `http://127.0.0.1:${port}`;
  const alive = () =>
    fetch(`${url}/healthz`).then(
      ({ status }) => status,
      () => 0,
    );
  await expect.poll(alive, { timeout: 10_000 }).toBe(200);
  // More than the 64 kB that a pipe takes; duplicates are lines too.
  const repeated = slackEvent('Ev-again');
  const rounds = Array.from({ length: 75 }, (_, at) => at);
  for (const round of rounds) {
    const events = [slackEvent(`Ev${round}`), ...Array.from({ length: 15 }, () => repeated)];
    const answers = await Promise.all(events.map((event) => postEvent(`${url}/webhooks/slack`, event)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  }
  await expect.poll(() => target.arrived.length, { timeout: 10_000 }).toBe(rounds.length + 1);
  expect(kept(lwi)).toBe(rounds.length + 1);
  const stoppedAt = systemClock.now();
  listen.child.kill('SIGTERM');
  expect((await listen.ended).code).toBe(143);
  expect(systemClock.now() - stoppedAt).toBeLessThan(4000);
});

test('whoever closes stdout does not end it: `| head -1`', async () => {
  const lwi = await openScenario();
  const target = await openTarget();
  const words = ['webhook', 'listen', '--port', '0', '--json', '--forward-to', target.url];
  const listen = lwi.start(words, { env: WEBHOOK_SECRETS, shell: `${piped('head -1 <pipe >&2')} >pipe` });
  const [, url = ''] = await listen.said(/"url":"([^"]+)"/);
  const ids = ['Ev1', 'Ev2', 'Ev3', 'Ev4'];
  for (const id of ids) expect((await postEvent(`${url}/webhooks/slack`, slackEvent(id))).status).toBe(200);
  await expect.poll(() => target.ids().sort()).toEqual(ids);
  expect(kept(lwi)).toBe(4);
  listen.child.kill('SIGTERM');
  expect((await listen.ended).code).toBe(143);
});
