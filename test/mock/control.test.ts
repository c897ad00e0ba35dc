import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { PASTED_SLACK_TOKENS } from '../../src/mock/slack/slack.ts';
import {
  call,
  connectQuickbooks,
  control,
  postForm,
  quickbooksQuery,
  quickbooksToken,
  slackCall,
  startMock,
} from './started-mock.ts';

interface Delivered {
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

/** A receiver on loopback that keeps what it gets. */
async function receiver(status = 200): Promise<{ url: string; delivered: Delivered[] }> {
  const delivered: Delivered[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    delivered.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, delivered };
}

const send = (url: string, provider: string, query: Record<string, string>) =>
  control(url, `${provider}/webhook?${new URLSearchParams(query)}`);

test('a QuickBooks event is signed as base64 over its body, in both formats', async () => {
  const { url } = await startMock();
  const { url: to, delivered } = await receiver(202);
  expect((await send(url, 'quickbooks', { to, event: 'invoice.created', id: '145' })).body).toMatchObject({
    status: 202,
  });
  await send(url, 'quickbooks', { to, format: 'legacy', tenant: '9130000000000002' });
  const [cloud, legacy] = delivered;
  for (const { headers, body } of delivered) {
    expect(headers['intuit-signature']).toBe(
      createHmac('sha256', 'lwi-demo-verifier-token').update(body).digest('base64'),
    );
  }
  expect(cloud?.headers['content-type']).toBe('application/cloudevents+json');
  expect(JSON.parse(cloud?.body ?? '')).toEqual([
    {
      specversion: '1.0',
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/),
      source: 'intuit.bHdpLWRlbW8=',
      type: 'qbo.invoice.created.v1',
      datacontenttype: 'application/json',
      time: '2026-01-05T12:00:00.000Z',
      intuitentityid: '145',
      intuitaccountid: '9130000000000001',
      data: {},
    },
  ]);
  const entity = { name: 'Invoice', id: '1', operation: 'Update', lastUpdated: '2026-01-05T12:00:00.000Z' };
  expect(JSON.parse(legacy?.body ?? '')).toEqual({
    eventNotifications: [{ realmId: '9130000000000002', dataChangeEvent: { entities: [entity] } }],
  });
});

test('a Slack event is signed over time and body; a repeat is the same with retry headers', async () => {
  const { url } = await startMock({ webhookSecrets: { slack: 'other-secret' } });
  const { url: to, delivered } = await receiver();
  await send(url, 'slack', { to, times: '2' });
  await send(url, 'slack', { to, event: 'url_verification' });
  for (const { headers, body } of delivered) {
    const signed = `v0:${headers['x-slack-request-timestamp']}:${body}`;
    expect(headers['x-slack-request-timestamp']).toBe('1767614400');
    expect(headers['x-slack-signature']).toBe(
      `v0=${createHmac('sha256', 'other-secret').update(signed).digest('hex')}`,
    );
  }
  const [first, repeated, verification] = delivered;
  expect(repeated?.body).toBe(first?.body);
  expect([first?.headers['x-slack-retry-num'], repeated?.headers['x-slack-retry-num']]).toEqual([undefined, '1']);
  expect(JSON.parse(first?.body ?? '')).toMatchObject({
    type: 'event_callback',
    team_id: 'T00000001',
    event_id: 'Ev00000001',
    event: { type: 'message' },
  });
  expect(JSON.parse(verification?.body ?? '')).toEqual({
    token: 'x',
    challenge: 'challenge-2',
    type: 'url_verification',
  });
});

test('a MyCarrierPackets event is signed as hex over its body and named in a header', async () => {
  const { url } = await startMock();
  const { url: to, delivered } = await receiver();
  await send(url, 'mycarrierpackets', { to, id: '1000003' });
  await send(url, 'mycarrierpackets', { to, event: 'carrier.incident_report.created' });
  for (const { headers, body } of delivered) {
    expect(headers['mcp-signature']).toBe(createHmac('sha256', 'lwi-demo-mcp-secret').update(body).digest('hex'));
    expect(headers['mcp-event']).toBe(JSON.parse(body).eventType);
  }
  expect(JSON.parse(delivered[0]?.body ?? '')).toMatchObject({
    eventDateTime: '2026-01-05T12:00:00.0000000Z',
    eventData: {
      agreement: { signatureDate: '2026-01-05T12:00:00.000' },
      carrier: { dotNumber: 1_000_003 },
      customer: { customerID: 42 },
    },
  });
});

test('webhooks go to loopback only, name their event, and tell of a receiver that is not there', async () => {
  const { url } = await startMock();
  const { url: to, delivered } = await receiver(500);
  for (const elsewhere of ['https://example.com/', 'http://127.0.0.1.example.com/', 'ftp://localhost/', 'nonsense']) {
    expect((await send(url, 'slack', { to: elsewhere })).status).toBe(400);
  }
  expect((await send(url, 'slack', { to, event: 'earthquake' })).status).toBe(400);
  expect((await send(url, 'slack', { to, times: '0' })).status).toBe(400);
  expect(delivered).toEqual([]);
  expect((await send(url, 'slack', { to })).body.status).toBe(500);
  expect((await send(url, 'slack', { to: 'http://127.0.0.1:1/' })).body).toMatchObject({
    status: 0,
    error: 'connection_failed',
  });
});

test('expire ends the access tokens of one provider, revoke its grants', async () => {
  const { url } = await startMock();
  const tokens = (await connectQuickbooks(url)).body;
  const query = async (token: string) => (await quickbooksQuery(url, token, 'select count(*) from Term')).status;
  const refresh = () => quickbooksToken(url, { grant_type: 'refresh_token', refresh_token: tokens.refresh_token });

  expect((await control(url, 'expire?provider=slack')).body).toEqual({ expired: ['slack'] });
  expect(await query(tokens.access_token)).toBe(200);
  await control(url, 'expire?provider=quickbooks');
  expect(await query(tokens.access_token)).toBe(401);
  const renewed = (await refresh()).body.access_token;
  expect(await query(renewed)).toBe(200);
  expect((await control(url, 'revoke')).body).toEqual({ revoked: ['quickbooks', 'slack', 'mycarrierpackets'] });
  expect(await query(renewed)).toBe(401);
  expect((await refresh()).body).toEqual({ error: 'invalid_grant' });
  expect((await slackCall(url, PASTED_SLACK_TOKENS.bot, 'auth.test')).body.error).toBe('token_revoked');
});

test('the log counts requests by path, keeps no query, leaves the controls out and can be cleared', async () => {
  const { url, mock } = await startMock();
  await call(`${url}/slack/api/auth.test?token=xoxb-secret`);
  await postForm(`${url}/slack/api/auth.test`, {});
  await call(`${url}/nowhere`);
  const { body } = await call(`${url}/_mock/requests`);
  expect(body).toMatchObject({
    total: 3,
    counts: { 'GET /slack/api/auth.test': 1, 'POST /slack/api/auth.test': 1, 'GET /nowhere': 1 },
  });
  expect(body.requests[0]).toEqual({ method: 'GET', path: '/slack/api/auth.test', status: 200, at: 1_767_614_400_000 });
  expect(mock.log).toEqual(body.requests);
  expect(JSON.stringify(body)).not.toContain('xoxb');
  await call(`${url}/_mock/requests`, { method: 'DELETE' });
  expect(mock.log).toEqual([]);
});

test('added rows are new, touched ones come last, both in their own company only', async () => {
  const { url, clock } = await startMock({ rateLimits: false });
  const { access_token } = (await connectQuickbooks(url)).body;
  const last = async () => {
    const { body } = await quickbooksQuery(
      url,
      access_token,
      'select * from Bill orderby MetaData.LastUpdatedTime desc maxresults 3',
    );
    return body.QueryResponse.Bill.map((row: { Id: string }) => row.Id);
  };
  await control(url, 'quickbooks/add?stream=bills&count=5&tenant=9130000000000002');
  expect(await last()).toEqual(['120', '119', '118']);
  expect((await control(url, 'quickbooks/add?stream=bills')).body.ids).toEqual(['121']);
  clock.advance(1000);
  await control(url, 'quickbooks/touch?stream=bills&id=7');
  expect(await last()).toEqual(['7', '121', '120']);
});

test.each([
  ['an unknown control', 'explode', 404],
  ['an unknown provider', 'fedex/touch?stream=x', 404],
  ['an unknown stream', 'slack/touch?stream=invoices', 404],
  ['an unknown row', 'quickbooks/touch?stream=invoices&id=999', 404],
  ['no rows', 'quickbooks/touch?stream=invoices&count=0', 400],
])('%s is refused', async (_what, path, status) => {
  const { url } = await startMock();
  expect((await control(url, path)).status).toBe(status);
});
