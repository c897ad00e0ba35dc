import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { occupyPort } from '../support/free-port.ts';
import { openScenario } from '../support/scenario.ts';

test('lwi mock says where it is in one JSON line, serves the others, and Ctrl-C ends it with code 130', async () => {
  const lwi = await openScenario();
  const mock = lwi.start(['mock', 'mycarrierpackets', '--port', '0', '--token-lifetime', '60s', '--json']);
  const [, url = ''] = await mock.said(/^\{"type":"ready","url":"([^"]+)"\}\n/);
  const connected = await lwi.json(['connect', 'mycarrierpackets'], { env: { LWI_MOCK_URL: url } });
  const expiresAt = Date.parse((connected as { expiresAt: string }).expiresAt);
  expect(expiresAt - systemClock.now()).toBeLessThanOrEqual(60_000);
  expect((await fetch(`${url}/quickbooks/v3/company/1/query`)).status).toBe(404);
  mock.child.kill('SIGINT');
  expect(await mock.ended).toMatchObject({ code: 130 });
  const { server } = await occupyPort(Number(new URL(url).port));
  server.close();
});

test.each([
  ['an unknown provider', ['quickboks']],
  ['a fault that cannot be read', ['--fault', 'sometimes']],
  ['a number that is none', ['--records', 'many']],
  ['a span that is none', ['--token-lifetime', 'short']],
])('lwi mock with %s is code 2', async (_, words) => {
  const lwi = await openScenario();
  expect(await lwi.run(['mock', ...words, '--port', '0'])).toMatchObject({ code: 2, stdout: '' });
});

test('lwi mock on a port in use is code 2', async () => {
  const lwi = await openScenario();
  const { port, server } = await occupyPort();
  const ran = await lwi.run(['mock', '--port', String(port)]);
  server.close();
  expect(ran).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('PORT_IN_USE') });
});
