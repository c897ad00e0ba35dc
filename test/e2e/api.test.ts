import { describe, expect, test } from 'vitest';
import { oddServer } from '../support/odd-server.ts';
import { failureOf, openScenario, sandboxed } from '../support/scenario.ts';

const COMPANY = '/companyinfo/9130000000000001';

describe('lwi api', () => {
  test("sends one authenticated request to the connection's own API, and prints the body as it came", async () => {
    const lwi = await openScenario({ records: 3 });
    await lwi.connect(['quickbooks']);
    const ran = await lwi.run(['api', 'quickbooks', COMPANY]);
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(ran.stdout)).toMatchObject({ CompanyInfo: { CompanyName: 'Laneweaver Freight LLC' } });
    const query = ['api', 'quickbooks', '/query', '--query', 'query=select count(*) from Invoice'];
    expect(JSON.parse((await lwi.run(query)).stdout)).toMatchObject({ QueryResponse: { totalCount: 3 } });
  });

  test('-i shows status and headers before the body', async () => {
    const lwi = await openScenario();
    await lwi.connect(['quickbooks']);
    const { stdout } = await lwi.run(['api', 'quickbooks', COMPANY, '-i']);
    const [head = '', body = ''] = stdout.split('\n\n', 2);
    expect(head).toMatch(/^HTTP 200\n(.*\n)*intuit_tid: 1-/);
    expect(JSON.parse(body)).toHaveProperty('CompanyInfo');
  });

  test('method, query, headers and body go out as they were given', async () => {
    const odd = await oddServer(() => ({ json: { ok: true } }));
    const lwi = await openScenario();
    const env = sandboxed(lwi);
    await lwi.connect(['quickbooks'], { env });
    sandboxed(lwi, { apiBaseUrl: `${odd.url}/base` });
    const token = (await lwi.run(['token', 'get', 'quickbooks'], { env })).stdout.trim();
    const api = (...words: string[]) =>
      lwi.run(['api', 'quickbooks', '/invoice', ...words], { env, stdin: '{"Id":"1"}' });
    await api('-X', 'patch', '--query', 'a=1', '--query', 'a=2 & 3', '-H', 'X-Load: 4411');
    await api('-f', 'DocNumber=LD-4411', '-f', 'note=a=b');
    await api('--input', '-');
    const [first, second, third] = odd.received;
    const path = '/base/v3/company/9130000000000001/invoice';
    expect(first).toMatchObject({
      method: 'PATCH',
      path,
      headers: { 'x-load': '4411', authorization: `Bearer ${token}` },
    });
    expect(first?.query.getAll('a')).toEqual(['1', '2 & 3']);
    expect(second).toMatchObject({ method: 'POST', headers: { 'content-type': 'application/json' } });
    expect(JSON.parse(second?.body ?? '')).toEqual({ DocNumber: 'LD-4411', note: 'a=b' });
    expect(third).toMatchObject({ method: 'POST', body: '{"Id":"1"}' });
  });

  test.each([
    'https://elsewhere.example/v3/company/1/invoice',
    '//elsewhere.example/invoice',
    'http://127.0.0.1:1/quickbooks/invoice',
    '/../../invoice',
    '/%2e%2e/invoice',
    '\\\\elsewhere.example\\invoice',
  ])('the path %s, which leads away from the base URL, is code 2, and no token leaves', async (path) => {
    const lwi = await openScenario();
    await lwi.connect(['quickbooks']);
    const before = await lwi.requests();
    expect(failureOf(await lwi.run(['api', 'quickbooks', path, '--json']))).toMatchObject({ exit: 2, stdout: '' });
    expect(await lwi.requests()).toEqual(before);
  });

  test('a refusal of the provider is code 4, with its body on stdout', async () => {
    const lwi = await openScenario();
    await lwi.connect(['quickbooks']);
    const ran = await lwi.run(['api', 'quickbooks', '/query', '--query', 'query=select nonsense', '--json']);
    const { exit, stdout, error } = failureOf(ran);
    expect({ exit, status: error['statusCode'] }).toEqual({ exit: 4, status: 400 });
    expect(JSON.parse(stdout)).toMatchObject({ Fault: { type: 'ValidationFault' } });
  });

  test('a failure inside 200 is a failure', async () => {
    const lwi = await openScenario();
    await lwi.connect(['slack']);
    const ran = await lwi.run(['api', 'slack', '/conversations.history', '--query', 'channel=C0', '--json']);
    const error = { statusCode: 200, providerCode: 'channel_not_found', provider: 'slack' };
    expect(failureOf(ran)).toMatchObject({ exit: 4, stdout: expect.stringContaining('"ok":false'), error });
  });

  test('an expired token is refreshed once on the way, and trouble at the provider is retried', async () => {
    const lwi = await openScenario();
    await lwi.connect(['quickbooks']);
    await lwi.control('expire?provider=quickbooks');
    await lwi.control('faults?fault=503:quickbooks/v3:%232');
    expect((await lwi.run(['api', 'quickbooks', COMPANY])).code).toBe(0);
    expect((await lwi.requests())['POST /quickbooks/oauth2/v1/tokens/bearer']).toBe(2);
  });

  test('a write is not repeated when its answer is lost', async () => {
    const lwi = await openScenario();
    await lwi.connect(['quickbooks']);
    await lwi.control('faults?fault=lost:quickbooks/invoice');
    const ran = await lwi.run(['api', 'quickbooks', '/invoice', '-f', 'DocNumber=LD-1', '--json']);
    expect(failureOf(ran)).toMatchObject({ exit: 5, stdout: '', error: { code: 'NETWORK' } });
    expect((await lwi.requests())['POST /quickbooks/v3/company/9130000000000001/invoice']).toBe(1);
  });
});
