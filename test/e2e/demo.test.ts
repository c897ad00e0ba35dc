import { expect, test } from 'vitest';
import { outputMisfits } from '../support/output-fit.ts';
import { openScenario } from '../support/scenario.ts';

/** Somebody who has nothing yet: no key, no mock, no home. */
const NEWCOMER = { LWI_HOME: undefined, LWI_ENV: undefined, LWI_MOCK_URL: undefined, LWI_ENCRYPTION_KEY: undefined };

/** Some forty processes one after the other, beside those of other tests, ms. */
const LIMIT_MS = 60_000;

test('lwi demo shows everything once and says what to run next', { timeout: 2 * LIMIT_MS }, async () => {
  const lwi = await openScenario();
  const ran = await lwi.run(['demo'], { env: NEWCOMER, limitMs: LIMIT_MS });
  expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: '' });
  expect(ran.stdout).toMatch(/All \d+ steps done in [\d.]+ s\.\n\nNext:\n/);
  for (const word of [
    'connected',
    'refreshed',
    'invoices',
    'messages',
    'verified',
    'signature-mismatch',
    'receiving webhooks at',
    'delivered, 200',
    'sent 1 in',
    '11 passed',
    'disconnected',
  ]) {
    expect(ran.stdout).toContain(word);
  }
});

test('lwi demo --json is one document with the code of each step', { timeout: 2 * LIMIT_MS }, async () => {
  const lwi = await openScenario();
  const demo = (await lwi.json(['demo'], { env: NEWCOMER, limitMs: LIMIT_MS })) as {
    steps: { command: string; code: number }[];
    durationMs: number;
  };
  expect(demo.steps.filter(({ code }) => code !== 0)).toEqual([
    { command: 'lwi webhook verify slack forged.http', code: 6 },
  ]);
  expect(demo.durationMs).toBeGreaterThan(0);
  expect(outputMisfits('demo', 'at the end', JSON.stringify(demo))).toEqual([]);
});
