import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openAcmeScenario } from '../support/acme-scenario.ts';
import { oddServer } from '../support/odd-server.ts';
import { failureOf, openScenario } from '../support/scenario.ts';

const VALUE = 'hunter2-top-secret';

test.each([
  [['secret', 'set', 'slack', 'client-secret', VALUE]],
  [['secret', 'set', 'slack', `client-secret=${VALUE}`]],
  [['key', 'import', 'backup.json', VALUE]],
  [['connect', 'slack', '--with-token', VALUE]],
])('a secret given on the command line is not repeated: %s', async (words) => {
  const lwi = await openScenario();
  const ran = await lwi.run([...words, '--json']);
  expect(failureOf(ran)).toMatchObject({ exit: 2, error: { code: 'USAGE', hint: expect.stringContaining('stdin') } });
  expect(ran.stderr).not.toContain(VALUE);
});

test('a secret that is not UTF-8 is refused, not kept as something else; a byte order mark is no part of one', async () => {
  const lwi = await openScenario();
  const words = ['secret', 'set', 'slack', 'client-secret', '--json'];
  const refused = await lwi.run(words, { stdin: Buffer.from([0x70, 0xe4, 0x73, 0x73]) });
  expect(failureOf(refused)).toMatchObject({ exit: 2, error: { code: 'INPUT_INVALID' } });
  expect(await lwi.json(['secret', 'list'])).toEqual([]);
  const marked = await lwi.json(words, { stdin: '\ufeffpassword\n' });
  expect(marked).toEqual(await lwi.json(words, { stdin: 'password' }));
});

test('`key export -` is stdout', async () => {
  const lwi = await openScenario();
  await lwi.run(['secret', 'set', 'slack', 'client-secret'], { stdin: VALUE });
  const { code, stdout } = await lwi.run(['key', 'export', '-'], { env: { LWI_KEY_PASSPHRASE: 'long enough' } });
  expect([code, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ type: 'lwi-key' })]);
  expect(readdirSync(lwi.cwd)).not.toContain('-');
});

test('a device endpoint that names a thousandth of a second is not asked a thousand times', async () => {
  const server = await oddServer(({ path, headers }) =>
    path === '/token'
      ? { status: 400, json: { error: 'authorization_pending' } }
      : {
          json: {
            ...{ device_code: 'd', user_code: 'ABCD', verification_uri: `http://${headers.host}/` },
            ...{ interval: 0.001, expires_in: 3 },
          },
        },
  );
  const endpoints = { tokenEndpoint: `${server.url}/token`, deviceAuthorizationEndpoint: `${server.url}/codes` };
  const lwi = await openAcmeScenario(
    { grant: 'device_code', clientAuthentication: 'none', ...endpoints },
    { id: 'app' },
  );
  expect((await lwi.run(['connect', 'acme'])).code).toBe(3);
  expect(server.received.length).toBeLessThan(6);
});
