import { http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMock } from '../../src/mock/mock.ts';
import { PASTED_SLACK_TOKENS } from '../../src/mock/slack/slack.ts';
import { manualClock } from './manual-clock.ts';
import { callbackOf, connectQuickbooks, quickbooksQuery, slackCall } from './started-mock.ts';

const mock = createMock({ clock: manualClock(), faults: ['cut:slack/team.info'] });
const server = setupServer(http.all('*', ({ request }) => mock.fetch(request)));

beforeAll(() => server.listen());
afterAll(() => server.close());

test('msw answers from the mock on any host', async () => {
  const url = 'https://mock.example';
  const { body } = await connectQuickbooks(url);
  const rows = await quickbooksQuery(url, body.access_token, 'select * from Invoice maxresults 2');
  expect(rows.body.QueryResponse.maxResults).toBe(2);
});

test('the own hosts of the providers lead to their fakes', async () => {
  const authorize = new URLSearchParams({
    response_type: 'code',
    client_id: 'a',
    redirect_uri: 'https://example.com/cb',
    scope: 'com.intuit.quickbooks.accounting',
  });
  const callback = await callbackOf(`https://appcenter.intuit.com/connect/oauth2?${authorize}`);
  const answer = await fetch('https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer', {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('a:b')}` },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: callback.get('code') ?? '',
      redirect_uri: 'https://example.com/cb',
    }),
  });
  expect(answer.status).toBe(200);
  const headers = { authorization: `Bearer ${PASTED_SLACK_TOKENS.user}` };
  const who = await fetch('https://slack.com/api/auth.test', { method: 'POST', headers });
  expect(await who.json()).toMatchObject({ ok: true, user_id: 'U00000001' });
});

test('a cut connection is a network error', async () => {
  await expect(slackCall('https://mock.example', PASTED_SLACK_TOKENS.bot, 'team.info')).rejects.toThrow(TypeError);
});
