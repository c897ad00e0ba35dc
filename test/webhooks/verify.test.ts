import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/secret.ts';
import type { HeaderBag } from '../../src/webhooks/headers.ts';
import { hmacScheme, PRESETS } from '../../src/webhooks/presets.ts';
import type { Verdict, WebhookScheme } from '../../src/webhooks/scheme.ts';
import { type VerifyInput, type VerifyResult, verify } from '../../src/webhooks/verify.ts';

const KEY = 'a-secret-of-the-test';
const SECOND = 1_767_607_200;
const NOW = SECOND * 1000;
const BODY = Buffer.from('{"a":1}');

const hex = (text: string, key = KEY) => createHmac('sha256', key).update(text).digest('hex');
const slackHeaders = (at = SECOND, body = '{"a":1}', key = KEY) => ({
  'x-slack-request-timestamp': String(at),
  'x-slack-signature': `v0=${hex(`v0:${at}:${body}`, key)}`,
});
const GOOD = hex('{"a":1}');
const GOOD_BASE64 = Buffer.from(GOOD, 'hex').toString('base64');

function run(scheme: WebhookScheme, headers: HeaderBag, more: Partial<VerifyInput> = {}): VerifyResult {
  return verify({ scheme, secrets: [new Secret(KEY)], headers, body: BODY, now: NOW, ...more });
}

const { slack, github, intuit, stripe, mycarrierpackets } = PRESETS;
const standard = PRESETS['standard-webhooks'];
const hubspot = PRESETS['hubspot-v3'];

describe('headers that are missing or malformed', () => {
  const cases: readonly [string, WebhookScheme, HeaderBag, Verdict, string][] = [
    [
      'no signature',
      slack,
      { 'x-slack-request-timestamp': '1' },
      'missing-header',
      'the header x-slack-signature is missing',
    ],
    [
      'no time',
      slack,
      { 'x-slack-signature': slackHeaders()['x-slack-signature'] },
      'missing-header',
      'the header x-slack-request-timestamp is missing',
    ],
    [
      'an empty signature',
      github,
      { 'x-hub-signature-256': '' },
      'malformed-header',
      'the header x-hub-signature-256 is empty',
    ],
    [
      'the same header twice',
      github,
      { 'x-hub-signature-256': [`sha256=${GOOD}`, `sha256=${GOOD}`] },
      'malformed-header',
      'the header x-hub-signature-256 comes 2 times; it must come once',
    ],
    [
      'two spellings of one header',
      github,
      { 'x-hub-signature-256': `sha256=${GOOD}`, 'X-Hub-Signature-256': `sha256=${GOOD}` },
      'malformed-header',
      'the header x-hub-signature-256 comes 2 times; it must come once',
    ],
    [
      'a time that comes twice',
      slack,
      { ...slackHeaders(), 'x-slack-request-timestamp': [String(SECOND), String(SECOND)] },
      'malformed-header',
      'the header x-slack-request-timestamp comes 2 times; it must come once',
    ],
    [
      'no prefix',
      github,
      { 'x-hub-signature-256': GOOD },
      'malformed-header',
      'the header x-hub-signature-256 holds no signature that begins with sha256=',
    ],
    ...['', '=', 'SHA256=', 'sha256:', ' sha256='].map(
      (prefix): [string, WebhookScheme, HeaderBag, Verdict, string] => [
        `the prefix ${JSON.stringify(prefix)}`,
        github,
        { 'x-hub-signature-256': `${prefix}${GOOD}` },
        'malformed-header',
        'the header x-hub-signature-256 holds no signature that begins with sha256=',
      ],
    ),
    ...[
      ['upper-case hex', GOOD.toUpperCase()],
      ['one digit short', GOOD.slice(1)],
      ['one digit more', `${GOOD}0`],
      ['a letter that is no hex', `g${GOOD.slice(1)}`],
      ['a blank behind', `${GOOD} `],
      ['a second value behind a comma', `${GOOD}, sha256=${GOOD}`],
      ['base64 where hex is due', GOOD_BASE64],
      ['nothing behind the prefix', ''],
    ].map(([name, signature]): [string, WebhookScheme, HeaderBag, Verdict, string] => [
      name ?? '',
      github,
      { 'x-hub-signature-256': `sha256=${signature}` },
      'malformed-header',
      'the signature in x-hub-signature-256 must be 64 lower-case hex digits behind sha256=',
    ]),
    ...[
      ['base64 without padding', GOOD_BASE64.replace('=', '')],
      ['base64 with junk inside', `${GOOD_BASE64.slice(0, 5)}\n${GOOD_BASE64.slice(5)}`],
      ['base64 with junk behind', `${GOOD_BASE64}!`],
      ['base64 with spare bits set', withSpareBits(GOOD_BASE64)],
      ['the URL-safe alphabet', Buffer.alloc(32, 0xff).toString('base64url')],
      ['hex where base64 is due', GOOD],
      ['base64 of 20 bytes', Buffer.alloc(20).toString('base64')],
    ].map(([name, signature]): [string, WebhookScheme, HeaderBag, Verdict, string] => [
      name ?? '',
      intuit,
      { 'intuit-signature': signature ?? '' },
      'malformed-header',
      'the signature in intuit-signature must be base64 of 32 bytes',
    ]),
    ...['', '-1', '+1', '1.5', '1e9', '0x1', '01', ' 1', 'now', '99999999999999999', '9999999999999999'].map(
      (time): [string, WebhookScheme, HeaderBag, Verdict, string] => [
        `the time ${JSON.stringify(time)}`,
        slack,
        { ...slackHeaders(), 'x-slack-request-timestamp': time },
        'malformed-header',
        time === ''
          ? 'the header x-slack-request-timestamp is empty'
          : 'the signed time must be epoch seconds in digits',
      ],
    ),
    [
      'Stripe without a time',
      stripe,
      { 'stripe-signature': `v1=${GOOD}` },
      'malformed-header',
      'the header stripe-signature must hold t= once, it holds it 0 times',
    ],
    [
      'Stripe with two times',
      stripe,
      { 'stripe-signature': `t=${SECOND},t=${SECOND},v1=${hex(`${SECOND}.{"a":1}`)}` },
      'malformed-header',
      'the header stripe-signature must hold t= once, it holds it 2 times',
    ],
    [
      'Stripe with a signature of another version only',
      stripe,
      { 'stripe-signature': `t=${SECOND},v0=${hex(`${SECOND}.{"a":1}`)}` },
      'malformed-header',
      'the header stripe-signature holds no signature that begins with v1=',
    ],
    [
      'Standard Webhooks without an id',
      standard,
      { 'webhook-timestamp': String(SECOND), 'webhook-signature': `v1,${GOOD_BASE64}` },
      'missing-header',
      'the header webhook-id is missing',
    ],
    [
      'Standard Webhooks with an id that holds a blank',
      standard,
      { 'webhook-id': 'a b', 'webhook-timestamp': String(SECOND), 'webhook-signature': `v1,${GOOD_BASE64}` },
      'malformed-header',
      'the header webhook-id must be visible ASCII without blanks',
    ],
  ];

  for (const [name, scheme, headers, verdict, detail] of cases) {
    test(name, () => {
      const secrets = [new Secret(scheme === standard ? 'whsec_AAAA' : KEY)];
      expect(run(scheme, headers, { secrets })).toEqual({ verdict, detail });
    });
  }
});

describe('the time of signing', () => {
  const cases: readonly [string, number, Verdict][] = [
    ['exactly the tolerance ago', NOW - 300_000, 'verified'],
    ['a second more than the tolerance ago', NOW - 301_000, 'stale-timestamp'],
    ['exactly the tolerance ahead', NOW + 300_000, 'verified'],
    ['a second more than the tolerance ahead', NOW + 301_000, 'future-timestamp'],
  ];
  for (const [name, at, verdict] of cases) {
    test(`${name}: ${verdict}`, () => {
      const result = run(slack, slackHeaders(at / 1000));
      expect([result.verdict, result.signedAt]).toEqual([verdict, at]);
    });
  }

  test('a time in seconds is compared in whole seconds, as the packages of the providers do', () => {
    expect(run(slack, slackHeaders(), { now: NOW + 300_999 }).verdict).toBe('verified');
    expect(run(slack, slackHeaders(), { now: NOW + 301_000 }).verdict).toBe('stale-timestamp');
    expect(run(slack, slackHeaders(), { now: NOW - 300_000 }).verdict).toBe('verified');
    expect(run(slack, slackHeaders(), { now: NOW - 300_001 }).verdict).toBe('future-timestamp');
  });

  test('a time in ms is compared in ms', () => {
    const request = { method: 'POST', path: 'https://a.example/' };
    const text = `POSThttps://a.example/{"a":1}${NOW}`;
    const headers = {
      'x-hubspot-request-timestamp': String(NOW),
      'x-hubspot-signature-v3': createHmac('sha256', KEY).update(text).digest('base64'),
    };
    expect(run(hubspot, headers, { ...request, now: NOW + 300_000 }).verdict).toBe('verified');
    expect(run(hubspot, headers, { ...request, now: NOW + 300_001 }).verdict).toBe('stale-timestamp');
    expect(run(hubspot, headers, { ...request, now: NOW - 300_001 }).verdict).toBe('future-timestamp');
  });

  test('an old delivery says by how much, and whether the signature fits all the same', () => {
    expect(run(slack, slackHeaders(SECOND - 3600))).toEqual({
      verdict: 'stale-timestamp',
      detail:
        'signed 3600 s before now, and 300 s are allowed: for a stored capture give the time at which it came; the signature itself matches',
      signedAt: NOW - 3_600_000,
    });
    expect(run(slack, slackHeaders(SECOND + 400, 'other'))).toEqual({
      verdict: 'future-timestamp',
      detail:
        'signed 400 s after now, and 300 s are allowed: check the clock of this machine; the signature itself does not match either',
      signedAt: NOW + 400_000,
    });
  });

  test('a tolerance that is given goes before the scheme’s', () => {
    expect(run(slack, slackHeaders(SECOND - 3600), { toleranceMs: 3_600_000 }).verdict).toBe('verified');
    expect(run(slack, slackHeaders(SECOND - 1), { toleranceMs: 0 }).verdict).toBe('stale-timestamp');
  });

  test('milliseconds where the scheme counts those', () => {
    const time = String(NOW - 299_999);
    const signature = createHmac('sha256', KEY).update(`POSThttps://h.example/p{"a":1}${time}`).digest('base64');
    const headers = { Host: 'h.example', 'x-hubspot-request-timestamp': time, 'x-hubspot-signature-v3': signature };
    const result = run(hubspot, headers, { method: 'POST', path: '/p' });
    expect(result).toEqual({ verdict: 'verified', detail: 'the signature matches', signedAt: NOW - 299_999 });
  });
});

describe('secrets', () => {
  test('any of several verifies, wherever it stands', () => {
    const [wrong, right] = [new Secret('old'), new Secret(KEY)];
    expect(run(slack, slackHeaders(), { secrets: [wrong, right] }).verdict).toBe('verified');
    expect(run(slack, slackHeaders(), { secrets: [right, wrong] }).verdict).toBe('verified');
  });

  test('none, or only empty ones, is no-secret: an empty key would let anybody sign', () => {
    const detail = 'no secret is known to verify with';
    expect(run(slack, slackHeaders(SECOND, '{"a":1}', ''), { secrets: [] })).toEqual({ verdict: 'no-secret', detail });
    expect(run(slack, slackHeaders(SECOND, '{"a":1}', ''), { secrets: [new Secret('')] })).toEqual({
      verdict: 'no-secret',
      detail,
    });
  });

  test('a Standard Webhooks secret that is no base64 cannot be used', () => {
    expect(run(standard, {}, { secrets: [new Secret('whsec_not base64')] })).toEqual({
      verdict: 'no-secret',
      detail: 'the secret cannot be used: standard-webhooks secrets are base64, behind whsec_',
    });
  });
});

describe('several signatures in one header', () => {
  const signed = `${SECOND}.{"a":1}`;

  test('Stripe: one that fits among others is enough, other versions are passed over', () => {
    const header = `t=${SECOND},v1=${'0'.repeat(64)},v0=junk,v1=${hex(signed)}`;
    expect(run(stripe, { 'stripe-signature': header }).verdict).toBe('verified');
  });

  test('Standard Webhooks: likewise, also under the Svix names', () => {
    const key = Buffer.from('0123456789abcdef');
    const mac = createHmac('sha256', key).update(`msg_1.${signed}`).digest('base64');
    const secrets = [new Secret(`whsec_${key.toString('base64')}`)];
    const headers = (prefix: string) => ({
      [`${prefix}-id`]: 'msg_1',
      [`${prefix}-timestamp`]: String(SECOND),
      [`${prefix}-signature`]: `v1a,junk v1,${Buffer.alloc(32).toString('base64')} v1,${mac}`,
    });
    expect(run(standard, headers('webhook'), { secrets }).verdict).toBe('verified');
    expect(run(standard, headers('svix'), { secrets }).verdict).toBe('verified');
    const mixed = { ...headers('svix'), 'webhook-signature': `v1,${mac}` };
    expect(run(standard, mixed, { secrets })).toEqual({
      verdict: 'missing-header',
      detail: 'the header webhook-timestamp is missing',
    });
  });
});

describe('what a mismatch says', () => {
  const cases: readonly [string, string, string, string][] = [
    [
      'a trailing newline too many',
      '{"a":1}',
      '{"a":1}\n',
      'the signature fits the body without its trailing newline: an editor or shell added it; give the bytes as they came',
    ],
    [
      'a trailing CRLF too many',
      '{"a":1}',
      '{"a":1}\r\n',
      'the signature fits the body without its trailing newline: an editor or shell added it; give the bytes as they came',
    ],
    [
      'a trailing newline lost',
      '{"a":1}\n',
      '{"a":1}',
      'the signature fits the body with a trailing newline, which was cut off when it was captured',
    ],
    [
      'line ends converted',
      '{\n"a":1\n}',
      '{\r\n"a":1\r\n}',
      'the signature fits the body with LF line ends: they were converted to CRLF when it was captured',
    ],
    [
      'a changed body',
      '{"a":1}',
      '{"a":2}',
      'no signature matches with the secret: either it is another secret, or the body is not byte for byte what was sent; the two cannot be told apart',
    ],
  ];
  for (const [name, sent, got, detail] of cases) {
    test(name, () => {
      const result = run(github, { 'x-hub-signature-256': `sha256=${hex(sent)}` }, { body: Buffer.from(got) });
      expect(result).toEqual({ verdict: 'signature-mismatch', detail });
    });
  }

  test('white space around the secret', () => {
    const result = run(github, { 'x-hub-signature-256': `sha256=${GOOD}` }, { secrets: [new Secret(`${KEY}\n`)] });
    expect(result.detail).toBe(
      'the signature fits the secret without the white space around it: store the secret again without it',
    );
  });

  test('how many secrets were tried', () => {
    const secrets = [new Secret('x'), new Secret('y')];
    expect(run(github, { 'x-hub-signature-256': `sha256=${GOOD}` }, { secrets }).detail).toBe(
      'no signature matches with any of the 2 secrets: either it is another secret, or the body is not byte for byte what was sent; the two cannot be told apart',
    );
  });

  test('without hints only the plain sentence', () => {
    const result = run(github, { 'x-hub-signature-256': `sha256=${hex('{"a":1}\n')}` }, { hints: false });
    expect(result).toEqual({
      verdict: 'signature-mismatch',
      detail: 'no signature matches: another secret, or the body was changed on its way',
    });
  });

  test('neither secret nor expected or given signature is in any result', () => {
    const bodies = [BODY, Buffer.from('{"a":2}'), Buffer.from('{"a":1}\n')];
    const headers = [
      slackHeaders(),
      slackHeaders(SECOND - 1e6),
      slackHeaders(SECOND + 1e6),
      { ...slackHeaders(), 'x-slack-signature': GOOD },
    ];
    for (const body of bodies) {
      for (const one of headers) {
        const text = JSON.stringify(run(slack, one, { body }));
        expect(text).not.toContain(KEY);
        expect(text).not.toMatch(/[0-9a-f]{20}/);
      }
    }
  });
});

describe('what is signed', () => {
  test('MyCarrierPackets with and without its prefix', () => {
    expect(run(mycarrierpackets, { 'MCP-Signature': `sha256=${GOOD}` }).verdict).toBe('verified');
    expect(run(mycarrierpackets, { 'MCP-Signature': GOOD }).verdict).toBe('verified');
    expect(run(mycarrierpackets, { 'MCP-Signature': `sha1=${GOOD}` }).verdict).toBe('malformed-header');
  });

  test('bytes that are no text verify as they are', () => {
    const body = Buffer.from([0xff, 0x00, 0xfe, 0x0a]);
    const signature = createHmac('sha256', KEY).update(body).digest('hex');
    expect(run(PRESETS.hmac, { 'x-signature': signature }, { body }).verdict).toBe('verified');
  });

  test('sha1, sha512 and base64url, the latter with and without padding', () => {
    for (const algorithm of ['sha1', 'sha256', 'sha512'] as const) {
      const mac = createHmac(algorithm, KEY).update(BODY).digest();
      const scheme = hmacScheme({ algorithm, encoding: 'base64url', header: 'X-Sig' });
      const plain = mac.toString('base64url');
      const padded = mac.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
      expect(run(scheme, { 'x-sig': plain }).verdict).toBe('verified');
      expect(run(scheme, { 'x-sig': padded }).verdict).toBe('verified');
      expect(run(scheme, { 'x-sig': `${padded}=` }).verdict).toBe('malformed-header');
    }
  });

  test('HubSpot needs method, path and one host', () => {
    const headers = { 'x-hubspot-request-timestamp': String(NOW), 'x-hubspot-signature-v3': GOOD_BASE64 };
    expect(run(hubspot, headers)).toEqual({
      verdict: 'malformed-input',
      detail: 'the signature covers method and URL: give a whole request, not a body',
    });
    expect(run(hubspot, headers, { method: 'POST', path: '/' })).toEqual({
      verdict: 'missing-header',
      detail: 'the signature covers the URL: one host header is needed, 0 came',
    });
  });
});

/** Sets bits of the last digit that decoders throw away, so that the text decodes to the same bytes. */
function withSpareBits(base64: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const last = base64.charAt(42);
  return `${base64.slice(0, 42)}${alphabet.charAt(alphabet.indexOf(last) + 1)}=`;
}
