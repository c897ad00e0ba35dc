import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LwiError } from '../../src/errors.ts';
import { Secret } from '../../src/secret.ts';
import { hmacScheme, PRESET_NAMES, PRESETS } from '../../src/webhooks/presets.ts';
import type { WebhookScheme } from '../../src/webhooks/scheme.ts';
import { sign } from '../../src/webhooks/sign.ts';
import { verify } from '../../src/webhooks/verify.ts';

const schemes: readonly WebhookScheme[] = [
  ...PRESET_NAMES.map((name) => PRESETS[name]),
  hmacScheme({ algorithm: 'sha1', encoding: 'base64', prefix: 'sig ', timestampHeader: 'X-Time' }),
  hmacScheme({
    algorithm: 'sha512',
    encoding: 'base64url',
    idHeader: 'x-id',
    timestampHeader: 'x-at',
    signed: '{body}{id}{timestamp}',
  }),
];

const bodies = fc.uint8Array({ maxLength: 200 });
const times = fc.integer({ min: 0, max: 4_102_444_800_000 });
const secretTexts = (scheme: WebhookScheme) =>
  scheme.secretEncoding === 'base64'
    ? fc.uint8Array({ minLength: 1, maxLength: 64 }).map((bytes) => `whsec_${Buffer.from(bytes).toString('base64')}`)
    : fc.string({ minLength: 1, maxLength: 64, unit: 'grapheme' });
const target = { method: 'POST', url: 'https://hooks.example/in?a=%40b' };
const request = { method: 'POST', path: '/in?a=%40b' };

describe('sign and verify agree', () => {
  for (const scheme of schemes) {
    const name = `${scheme.name} ${scheme.algorithm} ${scheme.encoding}`;

    test(`${name}: what is signed verifies, whatever body, secret and time`, () => {
      fc.assert(
        fc.property(bodies, secretTexts(scheme), times, (body, text, timestamp) => {
          const secret = new Secret(text);
          const headers = { host: 'hooks.example', ...sign({ scheme, secret, body, timestamp, ...target }) };
          const result = verify({ scheme, secrets: [secret], headers, body, now: timestamp, ...request });
          expect(result.verdict).toBe('verified');
        }),
      );
    });

    test(`${name}: any flipped bit of the body fails`, () => {
      fc.assert(
        fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), times, fc.nat(), (body, timestamp, which) => {
          const secret = new Secret(scheme.secretEncoding === 'base64' ? 'c2VjcmV0' : 'secret');
          const headers = { host: 'hooks.example', ...sign({ scheme, secret, body, timestamp, ...target }) };
          const bit = which % (body.length * 8);
          const changed = body.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
          const result = verify({ scheme, secrets: [secret], headers, body: changed, now: timestamp, ...request });
          expect(result.verdict).toBe('signature-mismatch');
        }),
      );
    });

    test(`${name}: any changed character of a header fails`, () => {
      fc.assert(
        fc.property(times, fc.nat(), fc.nat(), (timestamp, which, where) => {
          const secret = new Secret(scheme.secretEncoding === 'base64' ? 'c2VjcmV0' : 'secret');
          const body = Buffer.from('{}');
          const signed = sign({ scheme, secret, body, timestamp, ...target });
          const covered = Object.keys(signed).filter(
            (header) => header !== scheme.idHeader || scheme.signed.includes('{id}'),
          );
          const header = covered[which % covered.length] ?? '';
          const value = signed[header] ?? '';
          const at = where % value.length;
          const swapped = value.charAt(at) === '1' ? '2' : '1';
          const headers = {
            host: 'hooks.example',
            ...signed,
            [header]: `${value.slice(0, at)}${swapped}${value.slice(at + 1)}`,
          };
          const result = verify({ scheme, secrets: [secret], headers, body, now: timestamp, ...request });
          expect(result.verdict).not.toBe('verified');
        }),
      );
    });
  }
});

describe('sign', () => {
  const body = Buffer.from('{}');
  const secret = new Secret('s');

  test('an id of its own is the same for the same body and second', () => {
    const one = sign({ scheme: PRESETS.github, secret, body, timestamp: 1_000 });
    expect(one).toEqual(sign({ scheme: PRESETS.github, secret, body, timestamp: 1_999 }));
    expect(one['x-github-delivery']).toMatch(/^msg_[0-9a-f]{24}$/);
    expect(sign({ scheme: PRESETS.github, secret, body, timestamp: 2_000 })).not.toEqual(one);
  });

  test('an unusable secret and a missing URL are refused without showing the secret', () => {
    const bad = new Secret('whsec_***');
    expect(() => sign({ scheme: PRESETS['standard-webhooks'], secret: bad, body, timestamp: 0 })).toThrow(
      new LwiError('INPUT_INVALID', 'the webhook secret cannot be used for standard-webhooks'),
    );
    expect(() => sign({ scheme: PRESETS['hubspot-v3'], secret, body, timestamp: 0 })).toThrow(
      new LwiError('INPUT_INVALID', 'hubspot-v3 signs method and URL: both must be given'),
    );
  });
});
