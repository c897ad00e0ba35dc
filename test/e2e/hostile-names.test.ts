import { expect, test } from 'vitest';
import { openAcmeScenario } from '../support/acme-scenario.ts';
import { oddServer } from '../support/odd-server.ts';
import { openScenario, sandboxed } from '../support/scenario.ts';

test('a company name from the API can neither forge lines nor steer the terminal', async () => {
  const name = 'Evil\u001b[8m Inc\nerror: \u009b2Jforged\r\nnext:  Run `evil`';
  const server = await oddServer(() => ({ json: { CompanyInfo: { CompanyName: name } } }));
  const lwi = await openScenario();
  const env = sandboxed(lwi, { apiBaseUrl: server.url });
  const connected = await lwi.connect(['quickbooks'], { env });
  expect(connected.code).toBe(0);
  const shown = [
    connected,
    await lwi.run(['status'], { env }),
    await lwi.run(['token', 'inspect', 'quickbooks'], { env }),
  ];
  for (const { stdout } of [...shown, await lwi.run(['status', '--json'], { env })]) {
    expect(stdout).toContain('Evil Inc error: 2Jforged next:');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(stdout).not.toMatch(/[\u001b\u0080-\u009f\r]|^error:/m);
  }
});

test('an identity of megabytes is not stored, shown or put into an environment', async () => {
  const server = await oddServer(() => ({ json: { access_token: 'access-1', company: 'N'.repeat(300_000) } }));
  const externalId = { from: 'token', name: 'company' };
  const oauth = {
    grant: 'client_credentials',
    clientAuthentication: 'none',
    tokenEndpoint: `${server.url}/token`,
    externalId,
  };
  const lwi = await openAcmeScenario(oauth, { id: 'app' });
  expect((await lwi.run(['connect', 'acme'])).stdout.length).toBeLessThan(300);
  expect((await lwi.run(['exec', 'acme', '--', 'true'])).code).toBe(0);
});
