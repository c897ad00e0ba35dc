import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/secret.ts';
import { deliveryHeaders } from '../../src/webhooks/delivery.ts';
import { PRESETS } from '../../src/webhooks/presets.ts';
import type { OutgoingRequest } from '../../src/webhooks/request-sender.ts';
import type { WebhookScheme } from '../../src/webhooks/scheme.ts';
import { signedRequest } from '../../src/webhooks/signed-request.ts';
import { verify } from '../../src/webhooks/verify.ts';

const NOW = Date.UTC(2026, 0, 5, 10);
const secret = new Secret('c2VjcmV0LW9mLWEtdGVzdA==');
const BODY = Buffer.from('{"load":4411}');

function signed(scheme: WebhookScheme, headers: OutgoingRequest['headers'], url = 'http://127.0.0.1:8080/hook?a=1') {
  return signedRequest({ url, method: 'POST', headers, body: BODY }, { scheme, secret, now: NOW });
}

function verdict(scheme: WebhookScheme, { headers, url, method, body }: OutgoingRequest) {
  const { host, pathname, search } = new URL(url);
  const { bag } = deliveryHeaders([...headers, ['host', host]]);
  return verify({ scheme, secrets: [secret], headers: bag, body, now: NOW, method, path: `${pathname}${search}` })
    .verdict;
}

describe('a request that is signed anew', () => {
  it.each(Object.entries(PRESETS))('%s verifies, whether it was signed before or not', (_name, scheme) => {
    const first = signed(scheme, [['content-type', 'application/json']]);
    expect(verdict(scheme, first)).toBe('verified');
    const old = first.headers.map(([name, value]) => [name, name.includes('type') ? value : 'old'] as const);
    const again = signed(scheme, old);
    expect(verdict(scheme, again)).toBe('verified');
    expect(again.headers.map(([name]) => name)).toEqual(first.headers.map(([name]) => name));
  });

  it('keeps the place and the spelling of what it replaces, and drops what came twice', () => {
    const { headers } = signed(PRESETS.slack, [
      ['X-Slack-Signature', 'v0=old'],
      ['X-Other', '1'],
      ['x-slack-request-timestamp', '1'],
      ['X-SLACK-SIGNATURE', 'v0=older'],
      ['x-other', '2'],
    ]);
    expect(headers).toEqual([
      ['X-Slack-Signature', expect.stringMatching(/^v0=[0-9a-f]{64}$/)],
      ['X-Other', '1'],
      ['x-slack-request-timestamp', '1767607200'],
      ['x-other', '2'],
    ]);
  });

  it('adds what is missing at the end', () => {
    expect(signed(PRESETS.intuit, [['content-type', 'application/json']]).headers.map(([name]) => name)).toEqual([
      'content-type',
      'intuit-signature',
    ]);
  });

  it('leaves the id of the event, and other names of the headers', () => {
    const scheme = PRESETS['standard-webhooks'];
    const again = signed(scheme, [
      ['Svix-Id', 'msg_first'],
      ['Svix-Timestamp', '1'],
      ['Svix-Signature', 'v1,old'],
    ]);
    expect(again.headers).toEqual([
      ['Svix-Id', 'msg_first'],
      ['Svix-Timestamp', '1767607200'],
      ['Svix-Signature', expect.stringMatching(/^v1,/)],
    ]);
    expect(verdict(scheme, again)).toBe('verified');
  });

  it('a secret that cannot be used is INPUT_INVALID', () => {
    const request = { url: 'http://127.0.0.1/', method: 'POST', headers: [], body: BODY };
    const of = { scheme: PRESETS['standard-webhooks'], secret: new Secret('no base64!'), now: NOW };
    expect(() => signedRequest(request, of)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
  });
});
