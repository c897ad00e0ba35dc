import { onTestFinished } from 'vitest';
import { approve } from '../../src/mock/approve.ts';
import { createMock, type Mock } from '../../src/mock/mock.ts';
import { serveMock } from '../../src/mock/serve.ts';
import type { MockOptions } from '../../src/mock/settings.ts';
import { type ManualClock, manualClock } from './manual-clock.ts';

export interface StartedMock {
  readonly url: string;
  readonly clock: ManualClock;
  readonly mock: Mock;
}

/** A mock on a free port of loopback, gone when the test has ended. */
export async function startMock(options: Partial<MockOptions> = {}): Promise<StartedMock> {
  const clock = manualClock();
  const mock = createMock({ clock, ...options });
  const served = await serveMock({ mock, port: 0 });
  onTestFinished(() => served.close());
  return { url: served.url, clock, mock };
}

export const CALLBACK = 'http://127.0.0.1:8765/callback';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: ReturnType<typeof JSON.parse>;
}

/** A request, and its answer read as JSON (or as text, if it is none). */
export async function call(url: string, init?: RequestInit): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  let body: unknown = text;
  try {
    body = JSON.parse(text);
  } catch {}
  return { status: response.status, headers: response.headers, body };
}

/** POST of a form with client credentials as Basic. */
export function postForm(
  url: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return call(url, { method: 'POST', body: new URLSearchParams(fields), headers });
}

export const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`,
});

/** A client that the mock takes. */
export const CLIENT = basic('client-1', 'secret-1');

export const quickbooksAuthorizeUrl = (url: string, more: Record<string, string> = {}) =>
  `${url}/quickbooks/connect/oauth2?${new URLSearchParams({
    response_type: 'code',
    client_id: 'client-1',
    redirect_uri: CALLBACK,
    scope: 'com.intuit.quickbooks.accounting',
    state: 'state-1',
    ...more,
  })}`;

/** Query of the redirect after the person approved. */
export async function callbackOf(
  authorizeUrl: string,
  options?: Parameters<typeof approve>[1],
): Promise<URLSearchParams> {
  return new URL(await approve(authorizeUrl, options)).searchParams;
}

export const quickbooksToken = (
  url: string,
  fields: Record<string, string>,
  headers: Record<string, string> = CLIENT,
) => postForm(`${url}/quickbooks/oauth2/v1/tokens/bearer`, fields, headers);

/** Approves and exchanges: the whole token answer. */
export async function connectQuickbooks(url: string, company = 0): Promise<Answer> {
  const code = (await callbackOf(quickbooksAuthorizeUrl(url), { company })).get('code') ?? '';
  return quickbooksToken(url, { grant_type: 'authorization_code', code, redirect_uri: CALLBACK });
}

export const REALM = '9130000000000001';

/** GET below `/v3/company/{realm}/` with a token, asking for JSON. */
export function quickbooksGet(
  url: string,
  token: string,
  path: string,
  query: Record<string, string> = {},
  realm = REALM,
): Promise<Answer> {
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
  return call(`${url}/quickbooks/v3/company/${realm}/${path}?${new URLSearchParams(query)}`, { headers });
}

export const quickbooksQuery = (url: string, token: string, query: string, realm = REALM) =>
  quickbooksGet(url, token, 'query', { query, minorversion: '75' }, realm);

export function slackCall(
  url: string,
  token: string,
  method: string,
  fields: Record<string, string> = {},
): Promise<Answer> {
  return postForm(`${url}/slack/api/${method}`, fields, { authorization: `Bearer ${token}` });
}

export function carrierCall(
  url: string,
  token: string,
  operation: string,
  query: Record<string, string> = {},
): Promise<Answer> {
  const headers = { authorization: `bearer ${token}` };
  return call(`${url}/mycarrierpackets/api/v1/Carrier/${operation}?${new URLSearchParams(query)}`, {
    method: 'POST',
    headers,
  });
}

export const control = (url: string, path: string) => call(`${url}/_mock/${path}`, { method: 'POST' });
