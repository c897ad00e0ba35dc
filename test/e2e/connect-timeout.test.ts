import { expect, test } from 'vitest';
import { openAcmeScenario } from '../support/acme-scenario.ts';
import { oddServer } from '../support/odd-server.ts';
import { failureOf, openScenario, sandboxed } from '../support/scenario.ts';

// --timeout: how long to wait for the person. A provider that takes its time is another matter.
test('an approval that came in time is not lost because the token endpoint is slower than what was left', async () => {
  const json = { access_token: 'access-1', token_type: 'bearer', expires_in: 3600, refresh_token: 'RT1-1' };
  const server = await oddServer(() => ({ afterMs: 2500, json }));
  const lwi = await openScenario();
  const env = sandboxed(lwi, { tokenEndpoint: `${server.url}/token` });
  const ran = await lwi.connect(['quickbooks', '--json', '--timeout', '2'], { env });
  expect([ran.code, ran.stderr.includes('Nothing came back')]).toEqual([0, false]);
  expect(ran.page).toContain('Connected');
});

test('a grant without a person does not say that a browser did not come back', async () => {
  const json = { access_token: 'access-1', token_type: 'bearer' };
  const server = await oddServer(() => ({ afterMs: 2000, json }));
  const oauth = { grant: 'client_credentials', clientAuthentication: 'none', tokenEndpoint: `${server.url}/token` };
  const lwi = await openAcmeScenario(oauth, { id: 'app' });
  expect((await lwi.run(['connect', 'acme', '--timeout', '1'])).code).toBe(0);
});

test('nobody in the browser is still code 3', async () => {
  const lwi = await openScenario();
  const ran = await lwi.run(['connect', 'slack', '--json', '--no-browser', '--timeout', '1']);
  expect(failureOf(ran)).toMatchObject({ exit: 3, error: { code: 'CONNECT_TIMEOUT' } });
});
