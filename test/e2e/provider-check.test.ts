import { expect, test } from 'vitest';
import { oddServer } from '../support/odd-server.ts';
import { openScenario } from '../support/scenario.ts';

/** Somebody who has nothing yet: no key, no mock. */
const NEWCOMER = { LWI_ENV: undefined, LWI_MOCK_URL: undefined, LWI_ENCRYPTION_KEY: undefined };

const HEADINGS = [
  ...['OAuth2 implementation', 'Error handling', 'Rate limiting', 'Reliability', 'Multi-tenancy'],
  ...['Webhook security', 'Testing'],
];

test('lwi provider check shows every line under its heading, with evidence, and leaves nothing behind', {
  timeout: 90_000,
}, async () => {
  const lwi = await openScenario();
  const ran = await lwi.run(['provider', 'check', 'quickbooks'], { env: NEWCOMER, limitMs: 60_000 });
  expect(ran.code).toBe(0);
  const lines = ran.stdout.split('\n');
  expect(lines.filter((line) => HEADINGS.includes(line))).toEqual(HEADINGS);
  expect(lines.filter((line) => /^pass {2}[a-z0-9-]+ {2}/.test(line))).toHaveLength(23);
  expect(ran.stdout).toMatch(/\n23 passed in [\dms ]+\n$/);
  expect(lines).toHaveLength(HEADINGS.length + 23 + 3);
  expect(ran.stdout).not.toMatch(/RT1-mock-[\w-]{6,}|eyJ-mock\.\w/);
  expect(await lwi.json(['status'], { env: NEWCOMER })).toEqual([]);
});

test('a broken definition fails its line with code 8, and says what to look at', async () => {
  const lwi = await openScenario();
  const oauth = { authorizationEndpoint: 'https://id.acme.example/authorize' };
  lwi.config({ providers: { acme: { id: 'acme', oauth, api: { baseUrl: 'https://api.acme.example' } } } });
  const ran = await lwi.run(['provider', 'check', 'acme', '--json'], { env: NEWCOMER });
  expect(ran.code).toBe(8);
  const report = JSON.parse(ran.stdout) as { failed: number; checks: { name: string; outcome: string }[] };
  expect(report).toMatchObject({ provider: 'acme', against: 'mock', failed: 1 });
  expect(report.checks).toHaveLength(23);
  expect(report.checks.find(({ outcome }) => outcome === 'fail')).toMatchObject({
    name: 'token-exchange',
    reason: 'acme has no tokenEndpoint.',
    next: expect.stringContaining('`lwi provider check acme`'),
  });
});

test('a server that does not answer is waited for no longer than --timeout says', async () => {
  const lwi = await openScenario();
  const { url } = await oddServer(() => 'hang');
  const words = ['provider', 'check', 'slack', '--base-url', url, '--timeout', '500ms'];
  const ran = await lwi.run(words, { env: NEWCOMER });
  // To ask whether it is a mock takes all the time there is.
  expect([ran.code, ran.stdout]).toEqual([8, expect.stringMatching(/ {2}the 500ms for all checks were over$/m)]);
  expect(ran.stdout).toMatch(/\n0 passed, 23 skipped in /);
});

test('--base-url takes https, or http on loopback', async () => {
  const lwi = await openScenario();
  const ran = await lwi.run(['provider', 'check', 'slack', '--base-url', 'http://slack.example'], { env: NEWCOMER });
  expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('--base-url takes an https address')]);
});
