import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkWebhook } from '../../src/config-schema.ts';
import { Secret } from '../../src/secret.ts';
import { PRESET_NAMES, PRESETS, schemeFrom, type WebhookDefinition } from '../../src/webhooks/presets.ts';
import { sign } from '../../src/webhooks/sign.ts';
import { verify } from '../../src/webhooks/verify.ts';

const names = fc.constantFrom('X-Signature', 'x-time', 'X-Id', 'Signature');
const marks = fc.constantFrom('', 'v1=', 't=', 't', 'a', 'ab', 'sha256=', 'v1,', 'sig ', 'x-', '~');
const placed = (parts: readonly string[]) =>
  fc.nat(parts.length).map((at) => [...parts.slice(0, at), '{body}', ...parts.slice(at)].join(''));
const words = fc.constantFrom('{method}', '{url}', '.', ':', '\n', 'v0', 'é', '{');
const templates = fc
  .array(fc.oneof(words, fc.constantFrom('{timestamp}', '{id}')), { maxLength: 5 })
  .chain((parts) => placed(parts));

const form = {
  algorithm: fc.constantFrom('sha1', 'sha256', 'sha512'),
  encoding: fc.constantFrom('hex', 'base64', 'base64url'),
  header: names,
  prefix: marks,
  prefixOptional: fc.boolean(),
  separator: fc.constantFrom(',', ' ', ';', ', ', '|', '~', '=', 'a'),
  secretEncoding: fc.constantFrom('utf8', 'base64', 'hex'),
  secretPrefix: fc.constant('whsec_'),
  toleranceMs: fc.constantFrom(1, 1000, 300_000),
};
const time = { timestampHeader: names, timestampPrefix: marks, timestampUnit: fc.constantFrom('s', 'ms') };
const wild = fc.record({ ...form, ...time, signed: templates, idHeader: names }, { requiredKeys: [] });

/** Definitions whose template holds what the other members give. */
const likely = fc
  .tuple(
    fc.record(form, { requiredKeys: [] }),
    fc.constantFrom<object>({}, { timestampHeader: 'x-time' }, { timestampPrefix: 't=', separator: ',' }),
    fc.constantFrom<object>({}, { idHeader: 'X-Id' }),
    fc.constantFrom<object>({}, { timestampUnit: 'ms' }),
    fc.array(words, { maxLength: 3 }),
  )
  .chain(([rest, at, id, unit, parts]) => {
    const timed = Object.keys(at).length > 0;
    const fields = [...(timed ? ['{timestamp}'] : []), ...('idHeader' in id ? ['{id}'] : []), ...parts];
    return placed(fields).map((signed) => ({ ...rest, ...at, ...id, ...(timed ? unit : {}), signed }));
  });

function accepted(value: unknown): WebhookDefinition | undefined {
  const checked = checkWebhook(value);
  return 'value' in checked ? checked.value : undefined;
}

const secretOf = ({ secretEncoding = 'utf8', secretPrefix = '' }: WebhookDefinition) =>
  new Secret(secretEncoding === 'utf8' ? 'ab' : `${secretPrefix}${secretEncoding === 'hex' ? 'ab01' : 'q80='}`);

describe('whatever definition is accepted', () => {
  const bodies = fc.uint8Array({ minLength: 1, maxLength: 40 });
  const times = fc.integer({ min: 0, max: 4_102_444_800_000 });
  let tried = 0;

  test('works: what it signs verifies, a changed body does not, and neither does another time that is signed', () => {
    fc.assert(
      fc.property(fc.oneof(wild, likely), bodies, times, (value, body, timestamp) => {
        const definition = accepted(value);
        if (definition === undefined) return;
        tried += 1;
        const scheme = schemeFrom(definition);
        const secret = secretOf(definition);
        const target = { method: 'PUT', url: 'https://a.example/in?b=%40' };
        const headers = { host: 'a.example', ...sign({ scheme, secret, body, timestamp, ...target }) };
        const now = scheme.timestampUnit === 'ms' ? timestamp : Math.floor(timestamp / 1000) * 1000;
        const request = { scheme, secrets: [secret], headers, method: 'PUT', path: '/in?b=%40', now };
        expect(verify({ ...request, body }).verdict).toBe('verified');
        const changed = body.map((byte, at) => (at === 0 ? byte ^ 1 : byte));
        expect(verify({ ...request, body: changed }).verdict).toBe('signature-mismatch');
        if (!scheme.signed.includes('{timestamp}')) return;
        const late = now + scheme.toleranceMs + 1000;
        expect(verify({ ...request, body, now: late }).verdict).toBe('stale-timestamp');
      }),
      { numRuns: 4000 },
    );
    expect(tried).toBeGreaterThan(200);
  });
});

describe('a preset in a definition', () => {
  test.each(PRESET_NAMES.filter((name) => name !== 'hmac'))('%s is the preset, with what tells of events', (scheme) => {
    const beside = { idHeader: 'X-Id', idField: 'a.b', typeHeader: 'X-Type', toleranceMs: 7 };
    expect(schemeFrom(accepted({ scheme }) ?? {})).toEqual(PRESETS[scheme]);
    expect(schemeFrom(accepted({ scheme, ...beside }) ?? {})).toEqual({
      ...PRESETS[scheme],
      ...{ idHeader: 'x-id', idField: 'a.b', typeHeader: 'x-type', toleranceMs: 7 },
    });
    expect(accepted({ scheme, prefix: 'x=' })).toBe(undefined);
  });

  test('Stripe and Slack written out are the same as their presets', () => {
    const written: readonly [WebhookDefinition, object][] = [
      [
        { header: 'Stripe-Signature', prefix: 'v1=', separator: ',', timestampPrefix: 't=', idField: 'id' },
        PRESETS.stripe,
      ],
      [
        {
          ...{ header: 'X-Slack-Signature', prefix: 'v0=', timestampHeader: 'X-Slack-Request-Timestamp' },
          ...{ signed: 'v0:{timestamp}:{body}', idField: 'event_id' },
        },
        PRESETS.slack,
      ],
    ];
    for (const [definition, preset] of written) {
      expect({ ...schemeFrom(accepted(definition) ?? {}), name: '' }).toEqual({ ...preset, name: '' });
    }
  });
});
