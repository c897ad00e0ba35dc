import { describe, expect, test } from 'vitest';
import { openBroughtProvider } from '../support/brought-provider.ts';
import { oddServer } from '../support/odd-server.ts';
import { failureOf, inThisProcess, openScenario, sandboxed } from '../support/scenario.ts';

const COMPANY = '/companyinfo/9130000000000001';

describe('lwi api', () => {
  test("sends one authenticated request to the connection's own API, and prints the body as it came", async () => {
    const lwi = await openScenario({ records: 3 });
    await lwi.connected(['quickbooks']);
    const ran = await lwi.run(['api', 'quickbooks', COMPANY]);
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(ran.stdout)).toMatchObject({ CompanyInfo: { CompanyName: 'Laneweaver Freight LLC' } });
    const query = ['api', 'quickbooks', '/query', '--query', 'query=select count(*) from Invoice'];
    expect(JSON.parse((await lwi.run(query)).stdout)).toMatchObject({ QueryResponse: { totalCount: 3 } });
  });

  test('-i shows status and headers before the body', async () => {
    const lwi = inThisProcess(await openScenario());
    await lwi.connected(['quickbooks']);
    const { stdout } = await lwi.run(['api', 'quickbooks', COMPANY, '-i']);
    const [head = '', body = ''] = stdout.split('\n\n', 2);
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\n(.*\n)*intuit_tid: 1-/);
    expect(JSON.parse(body)).toHaveProperty('CompanyInfo');
  });

  test('method, query, headers and body go out as they were given', async () => {
    const odd = await oddServer(() => ({ json: { ok: true } }));
    const lwi = inThisProcess(await openScenario());
    const env = sandboxed(lwi);
    await lwi.connected(['quickbooks'], { env });
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
    const lwi = inThisProcess(await openScenario());
    await lwi.connected(['quickbooks']);
    const before = await lwi.requests();
    expect(failureOf(await lwi.run(['api', 'quickbooks', path, '--json']))).toMatchObject({ exit: 2, stdout: '' });
    expect(await lwi.requests()).toEqual(before);
  });

  test('a refusal of the provider is code 4, with its body on stdout', async () => {
    const lwi = inThisProcess(await openScenario());
    await lwi.connected(['quickbooks']);
    const ran = await lwi.run(['api', 'quickbooks', '/query', '--query', 'query=select nonsense', '--json']);
    const { exit, stdout, error } = failureOf(ran);
    expect({ exit, status: error['statusCode'] }).toEqual({ exit: 4, status: 400 });
    expect(JSON.parse(stdout)).toMatchObject({ Fault: { type: 'ValidationFault' } });
  });

  test('a failure inside 200 is a failure', async () => {
    const lwi = inThisProcess(await openScenario());
    await lwi.connected(['slack']);
    const ran = await lwi.run(['api', 'slack', '/conversations.history', '--query', 'channel=C0', '--json']);
    const error = { statusCode: 200, providerCode: 'channel_not_found', provider: 'slack' };
    expect(failureOf(ran)).toMatchObject({ exit: 4, stdout: expect.stringContaining('"ok":false'), error });
  });

  test('an expired token is refreshed once on the way, and trouble at the provider is retried', async () => {
    const lwi = inThisProcess(await openScenario());
    await lwi.connected(['quickbooks']);
    await lwi.control('expire?provider=quickbooks');
    await lwi.control('faults?fault=503:quickbooks/v3:%232');
    expect((await lwi.run(['api', 'quickbooks', COMPANY])).code).toBe(0);
    expect((await lwi.requests())['POST /quickbooks/oauth2/v1/tokens/bearer']).toBe(2);
  });

  test('a write is not repeated when its answer is lost and the provider knows no key for it', async () => {
    const lwi = inThisProcess(await openScenario());
    await lwi.connected(['slack']);
    await lwi.control('faults?fault=lost:slack/chat.postMessage');
    const ran = await lwi.run(['api', 'slack', '/chat.postMessage', '-f', 'channel=C1', '-f', 'text=hi', '--json']);
    expect(failureOf(ran)).toMatchObject({ exit: 5, stdout: '', error: { code: 'NETWORK' } });
    expect((await lwi.requests())['POST /slack/api/chat.postMessage']).toBe(1);
  });

  test('a QuickBooks write whose answer is lost is repeated, and done once', async () => {
    const lwi = inThisProcess(await openScenario({ records: 3 }));
    await lwi.connected(['quickbooks']);
    await lwi.control('faults?fault=lost:quickbooks/invoice:%231');
    const line = ['-F', 'Line[][Amount]=1500.50', '-f', 'Line[][DetailType]=SalesItemLineDetail'];
    const invoice = ['-f', 'CustomerRef[value]=3', ...line, '-f', 'DocNumber=LD-4411'];
    const ran = await lwi.run(['api', 'quickbooks', '/invoice', ...invoice]);
    expect(JSON.parse(ran.stdout)).toMatchObject({ Invoice: { Id: '4', DocNumber: 'LD-4411', TotalAmt: 1500.5 } });
    expect((await lwi.requests())['POST /quickbooks/v3/company/9130000000000001/invoice']).toBe(2);
    const count = ['api', 'quickbooks', '/query', '--query', 'query=select count(*) from Invoice'];
    expect(JSON.parse((await lwi.run(count)).stdout)).toMatchObject({ QueryResponse: { totalCount: 4 } });
    const update = ['-f', 'Id=4', '-F', 'sparse=true', '-f', 'PrivateNote=late'];
    const current = await lwi.run(['api', 'quickbooks', '/invoice', ...update, '-f', 'SyncToken=0']);
    expect(JSON.parse(current.stdout)).toMatchObject({
      Invoice: { SyncToken: '1', PrivateNote: 'late', TotalAmt: 1500.5 },
    });
    const full = ['-f', 'Id=4', '-f', 'CustomerRef[value]=3', ...line, '-f', 'SyncToken=0', '--json'];
    expect(failureOf(await lwi.run(['api', 'quickbooks', '/invoice', ...full]))).toMatchObject({
      exit: 4,
      error: { code: 'CONFLICT', providerCode: '5010', statusCode: 400 },
    });
    // A sparse update of what somebody else has changed meanwhile changes the named field alone.
    const note = ['-f', 'Id=4', '-F', 'sparse=true', '-f', 'PrivateNote=later', '-f', 'SyncToken=0'];
    const merged = await lwi.run(['api', 'quickbooks', '/invoice', ...note]);
    expect(JSON.parse(merged.stdout)).toMatchObject({
      Invoice: { SyncToken: '2', PrivateNote: 'later', DocNumber: 'LD-4411', TotalAmt: 1500.5 },
    });
  });

  test('the key of a write is a UUID, one that was given is kept, and a write that failed names it for another try', async () => {
    const down = { status: 503, json: {}, headers: { 'retry-after': '600' } };
    const odd = await oddServer(() => (odd.received.length === 1 ? down : { status: 404, json: {} }));
    const lwi = inThisProcess(await openScenario());
    const env = sandboxed(lwi);
    await lwi.connected(['quickbooks'], { env });
    sandboxed(lwi, { apiBaseUrl: odd.url });
    const key = async (...words: string[]) => {
      const { error } = failureOf(await lwi.run(['api', 'quickbooks', ...words, '--json'], { env }));
      return [odd.received.at(-1)?.query.getAll('requestid'), error['hint']];
    };
    const [[made = ''] = [], hint] = (await key('/invoice', '-f', 'a=1')) as [string[], string];
    expect(made).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
    expect(hint).toBe(
      `Run the command again with --query requestid=${made}: QuickBooks Online then does it once, even if it is done already.`,
    );
    // The provider asked to be left alone for ten minutes.
    await lwi.run(['limits', 'quickbooks', '--reset'], { env });
    for (const [words, expected] of [
      [['/invoice?requestid=mine', '-f', 'a=1'], ['mine']],
      [['/invoice', '--query', 'requestid=mine', '-f', 'a=1'], ['mine']],
      [['/query', '-X', 'POST', '--query', 'query=x'], []],
      [['/batch', '-f', 'a=1'], []],
      [['/invoice/1'], []],
    ] as const) {
      expect([words, (await key(...words))[0]]).toEqual([words, expected]);
    }
  });

  test('an answer without a body, HEAD and 304 are no failure', async () => {
    const { lwi } = await openBroughtProvider(({ path, headers }) => {
      if (headers['if-none-match'] === '"v1"') return { status: 304 };
      return path === '/v1/gone' ? { status: 204 } : { json: { a: 1 }, headers: { 'x-total': '7', etag: '"v1"' } };
    });
    const run = (...words: string[]) => lwi.run(['api', 'acme', ...words]);
    expect(await run('/gone', '-X', 'DELETE')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await run('/loads', '-X', 'HEAD')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect((await run('/loads', '-X', 'HEAD', '-i')).stdout).toMatch(/^HTTP\/1\.1 200 OK\n(.*\n)*x-total: 7\n\n$/);
    expect(await run('/loads', '-H', 'If-None-Match: "v1"')).toEqual({ code: 0, stdout: '', stderr: '' });
    const told = await run('/loads', '-H', 'if-none-match: "v1"', '-i');
    expect([told.code, told.stdout]).toEqual([0, expect.stringMatching(/^HTTP\/1\.1 304 Not Modified\n/)]);
  });

  test('-i shows nothing secret', async () => {
    const { lwi } = await openBroughtProvider(() => ({
      json: {},
      headers: { 'set-cookie': 'sid=planted', 'x-csrf-token': 'planted', 'x-echo': 'Bearer a-token-that-was-brought' },
    }));
    const { stdout } = await lwi.run(['api', 'acme', '/loads', '-i']);
    expect(stdout.split('\n').filter((line) => /^(set-cookie|x-)/.test(line))).toEqual([
      ...['set-cookie: [redacted]', 'x-csrf-token: [redacted]', 'x-echo: Bearer [redacted]'],
    ]);
  });

  test('paths with blanks, unicode, a query and {externalId} arrive as they are meant; a # is refused', async () => {
    const odd = await oddServer(() => ({ json: {} }));
    const lwi = inThisProcess(await openScenario());
    const env = sandboxed(lwi);
    await lwi.connected(['quickbooks'], { env });
    sandboxed(lwi, { apiBaseUrl: `${odd.url}/base/` });
    const got = async (...words: string[]) => {
      const { code } = await lwi.run(['api', 'quickbooks', ...words], { env });
      const { path, query } = odd.received.at(-1) ?? {};
      query?.delete('minorversion');
      return [code, path, Object.fromEntries(query ?? [])];
    };
    const company = '/base/v3/company/9130000000000001';
    const where = "select * from Customer where DisplayName = 'Zürich & Söhne'";
    expect([
      await got('query?query=select * from Item', '--query', 'a=1 + 1'),
      await got('/query', '--query', `query=${where}`),
      await got('/v3/company/{externalId}/customer/Ü 1'),
      await got(`${odd.url}/base/v3/company/{externalId}/customer/1`),
    ]).toEqual([
      [0, `${company}/query`, { query: 'select * from Item', a: '1 + 1' }],
      [0, `${company}/query`, { query: where }],
      [0, `${company}/customer/%C3%9C%201`, {}],
      [0, `${company}/customer/1`, {}],
    ]);
    const before = odd.received.length;
    expect(await lwi.run(['api', 'quickbooks', '/invoice/1#top'], { env })).toMatchObject({
      ...{ code: 2, stdout: '', stderr: expect.stringContaining('%23') },
    });
    expect(odd.received).toHaveLength(before);
  });

  test.each([
    ['Cookie: planted-value'],
    ['Proxy-Authorization: planted-value'],
    ['Content-Length: planted-value'],
    ['Transfer-Encoding: planted-value'],
    ['X-Load: planted-value\r\nX-Other: 1'],
    ['X-Load: planted-value Ω'],
    ['X Load: planted-value'],
    ['planted-value'],
  ])('-H %j is refused without its value, and nothing is sent', async (header) => {
    const { lwi, received } = await openBroughtProvider(() => ({ json: {} }));
    const ran = await lwi.run(['api', 'acme', '/loads', '-H', header]);
    expect([ran.code, ran.stdout, ran.stderr.includes('planted-value')]).toEqual([2, '', false]);
    expect(received).toEqual([]);
  });
});
