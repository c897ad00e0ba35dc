import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { failureOf, openScenario, type Scenario } from '../support/scenario.ts';
import { spending } from '../support/spending.ts';
import { ageTokens, endLeases, queryStore } from '../support/store-file.ts';
import { ON_POSTGRES } from '../support/store-place.ts';
import { thorough } from '../support/thorough.ts';

const CHILD = fileURLToPath(new URL('../oauth/refresh-child.ts', import.meta.url));
const TOKEN_ENDPOINT = 'POST /quickbooks/oauth2/v1/tokens/bearer';
const HOUR_MS = 3_600_000;
/** Processes that wait for the one that holds the refresh. */
const WAITERS = thorough(12, 50);
const GET = ['token', 'get', 'quickbooks'];

/** What a store that many machines share has whoever comes next say, and do, about a holder that is silent: it may only be cut off. */
const SAID = ON_POSTGRES
  ? /^warning: The refresh that \d+@\S+ began has not ended; waiting up to 20 s for its token\.\n$/
  : /^$/;
const PATIENT = { limitMs: 60_000 };

/** A connection whose token has expired, at a server that changes the refresh token each time, or as QuickBooks does. */
async function expired(rotateAlways = true): Promise<Scenario> {
  const lwi = await openScenario({ rotateAlways });
  await lwi.connected(['quickbooks']);
  ageTokens(lwi.home, 2 * HOUR_MS);
  await lwi.control('expire?provider=quickbooks');
  return lwi;
}

/** Starts a refresh in a process that kills itself at `step`; resolves when it is dead. */
function killedAt(lwi: Scenario, step: string): Promise<NodeJS.Signals | null> {
  const child = spawn(process.execPath, [CHILD, 'at', step], { env: lwi.env, stdio: ['ignore', 'ignore', 'inherit'] });
  return new Promise((resolve) => child.on('close', (_code, signal) => resolve(signal)));
}

const asked = async (lwi: Scenario) => (await lwi.requests())[TOKEN_ENDPOINT];
const works = (lwi: Scenario) => lwi.run(['api', 'quickbooks', '/query', '--query', 'query=select count(*) from Item']);

describe('a refresh that is killed', () => {
  test.each(['before the lease', 'under the lease', 'before the note', 'after the note'])(
    '%s has sent nothing: the next run refreshes once, and the connection lives',
    { timeout: 60_000 },
    async (step) => {
      const lwi = await expired();
      expect(await killedAt(lwi, step)).toBe('SIGKILL');
      expect(await asked(lwi)).toBe(1);
      endLeases(lwi.home);
      expect(await lwi.run(GET, PATIENT)).toEqual({
        code: 0,
        stdout: expect.stringMatching(/^\S+\n$/),
        stderr: step === 'after the note' ? expect.stringMatching(SAID) : '',
      });
      expect([await asked(lwi), (await works(lwi)).code]).toEqual([2, 0]);
      expect(queryStore(lwi.home, 'SELECT rotation_started_at AS note, refresh_count AS n FROM oauth_tokens')).toEqual([
        { note: null, n: 1 },
      ]);
    },
  );

  test.each(['after the token is stored', 'before the lease is given back', 'after the lease is given back'])(
    '%s is done: the next run has the new token at once',
    async (step) => {
      const lwi = await expired();
      expect(await killedAt(lwi, step)).toBe('SIGKILL');
      expect(await lwi.run(GET)).toMatchObject({ code: 0, stderr: '' });
      expect([await asked(lwi), (await works(lwi)).code]).toEqual([2, 0]);
    },
  );

  test('after the answer has lost the token for good where the old one is dead: the next run says so once and does not loop', {
    timeout: 60_000,
  }, async () => {
    const lwi = await expired();
    expect(await killedAt(lwi, 'after the answer')).toBe('SIGKILL');
    expect(await lwi.json(['token', 'inspect', 'quickbooks'])).toMatchObject({
      health: 'expired',
      rotation: { startedAt: expect.any(String), owner: expect.stringMatching(/^\d+@/) },
    });
    endLeases(lwi.home);
    const first = failureOf(await lwi.run([...GET, '--json'], PATIENT));
    expect(first).toMatchObject({ exit: 3, stdout: '', error: { code: 'RECONNECT_REQUIRED' } });
    expect(first.error['message']).toMatch(
      /the refresh that \d+@\S+ began at \S+Z never ended, so its new token was lost/,
    );
    expect(await asked(lwi)).toBe(3);
    for (let again = 0; again < 3; again++) expect((await lwi.run(GET)).code).toBe(3);
    expect(await asked(lwi)).toBe(3);
    expect((await lwi.run(['token', 'inspect', 'quickbooks'])).stdout).toContain('never ended');
    await lwi.connected(['quickbooks']);
    expect(await lwi.run(GET)).toMatchObject({ code: 0, stderr: '' });
  });

  test('after the answer costs nothing where the old token has a day of grace (QuickBooks)', {
    timeout: 60_000,
  }, async () => {
    const lwi = await expired(false);
    expect(await killedAt(lwi, 'after the answer')).toBe('SIGKILL');
    endLeases(lwi.home);
    expect(await lwi.run(GET, PATIENT)).toMatchObject({ code: 0, stderr: expect.stringMatching(SAID) });
    expect((await works(lwi)).code).toBe(0);
  });
});

test('Ctrl-C in mid-refresh waits for the answer and keeps it, then ends with code 130', async () => {
  const lwi = await expired();
  await lwi.control('faults?fault=latency=5000:quickbooks/tokens');
  const running = lwi.start(GET);
  await spending(lwi);
  running.child.kill('SIGINT');
  await running.said(/Waiting for the provider, so that nothing is left half done/);
  expect(await running.ended).toMatchObject({ code: 130, stdout: '' });
  await lwi.control('faults');
  expect(await lwi.run(GET)).toMatchObject({ code: 0, stderr: '' });
  expect([await asked(lwi), (await works(lwi)).code]).toEqual([2, 0]);
});

test('Ctrl-C twice in mid-refresh ends it at once', async () => {
  const lwi = await expired(false);
  await lwi.control('faults?fault=latency=20000:quickbooks/tokens');
  const running = lwi.start(GET);
  await spending(lwi);
  running.child.kill('SIGINT');
  await running.said(/Waiting for the provider/);
  running.child.kill('SIGINT');
  expect(await running.ended).toMatchObject({ code: 130, stdout: '' });
  expect(await lwi.json(['status'])).toMatchObject([{ health: 'expired' }]);
});

test(`the holder of a refresh is killed while ${WAITERS} wait: its lease ends, one of them asks again, none fails`, {
  timeout: 90_000,
}, async () => {
  const lwi = await expired(false);
  await lwi.control('faults?fault=latency=28000:quickbooks/tokens:%231');
  const holder = lwi.start(GET);
  await spending(lwi);
  // A shell starts them: from here each start would wait until a busy machine has begun with it, and the answer might be there first.
  const one = `{ $LWI ${GET.join(' ')} >out.$i 2>err.$i; echo $? >code.$i; } &`;
  const waiters = lwi.start([], { shell: `for i in $(seq ${WAITERS}); do ${one} done; wait`, limitMs: 80_000 });
  const files = (kind: string) => readdirSync(lwi.cwd).filter((name) => name.startsWith(`${kind}.`));
  await expect.poll(() => files('out').length, { timeout: 15_000 }).toBe(WAITERS);
  holder.child.kill('SIGKILL');
  expect((await holder.ended).code).toBe(null);
  await waiters.ended;
  const texts = (kind: string) => files(kind).map((name) => readFileSync(join(lwi.cwd, name), 'utf8'));
  expect(texts('code')).toEqual(Array(WAITERS).fill('0\n'));
  // The one that took the lease over waits for the dead, and the others for it.
  expect(texts('err').filter((text) => text !== '')).toEqual(ON_POSTGRES ? [expect.stringMatching(SAID)] : []);
  expect(new Set(texts('out')).size).toBe(1);
  // That of connect, and one after the lease had ended; that of the killed holder is still being answered.
  expect(await asked(lwi)).toBe(2);
});
