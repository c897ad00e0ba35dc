import { expect, test } from 'vitest';
import { openAcmeScenario } from '../support/acme-scenario.ts';
import { oddServer, type Received } from '../support/odd-server.ts';
import { openScenario, sandboxed } from '../support/scenario.ts';

const form = ({ body }: Received) => new URLSearchParams(body);

test('a server that repeats code and verifier does not get them printed', async () => {
  const server = await oddServer((request) => {
    const said = `no code ${form(request).get('code')} for ${form(request).get('code_verifier')}`;
    return { status: 400, json: { error: 'invalid_grant', error_description: said }, headers: { 'x-said': said } };
  });
  const lwi = await openScenario();
  const env = sandboxed(lwi, { tokenEndpoint: `${server.url}/token` });
  const { page, stdout, stderr } = await lwi.connect(['quickbooks', '-vv'], { env });
  const [sent] = server.received;
  if (!sent) throw new Error('nothing was sent');
  expect(stderr).toContain('invalid_grant: no code [redacted]');
  for (const name of ['code', 'code_verifier']) {
    const value = form(sent).get(name);
    if (value) expect([stdout, stderr, page].join()).not.toContain(value);
  }
});

test.each([400, 503])(
  'a secret at the place where a message is cut is not printed by half (status %i)',
  async (status) => {
    const secret = 'c0ffee'.repeat(20);
    const server = await oddServer((request) => {
      const said = (length: number) => `${'y'.repeat(length)}${form(request).get('client_secret')}`;
      return status === 400
        ? { status, json: { error: 'invalid_client', error_description: said(250) } }
        : { status, html: said(130), headers: { 'retry-after': '900' } };
    });
    const oauth = { grant: 'client_credentials', clientAuthentication: 'body', tokenEndpoint: `${server.url}/token` };
    const lwi = await openAcmeScenario(oauth, { id: 'app', secret });
    const { stderr } = await lwi.run(['connect', 'acme', '--json']);
    expect(stderr).toMatch(/y\[redacted\]/);
    expect(stderr).not.toContain(secret.slice(0, 12));
  },
);
