import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isLwiError } from '../../src/errors.ts';
import { keyIdOf, open, seal } from '../../src/vault/envelope.ts';
import { contextOf } from '../../src/vault/vault.ts';

const key = Uint8Array.from({ length: 32 }, (_, index) => index);
const otherKey = key.map((byte) => byte ^ 0xff);
const nonce = key.slice(0, 12);
const context = contextOf({ account: 'acme', provider: 'slack', column: 'access_token_encrypted', row: 'r1' });

/** Version, key id, nonce, ciphertext and tag as the OpenSSL binding of Python's `cryptography` and WebCrypto make them. */
const VECTOR = {
  plaintext: 'xoxb-secret',
  sealed: '0143b5a9e544b450f5000102030405060708090a0b3f6dae79e896a778ff24e3537db4e72864f5e94169705d13554191',
};
const EMPTY_LENGTH = 1 + 8 + 12 + 16;

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

/** The code with which `envelope` is refused. */
function refusal(envelope: Uint8Array, withKey = key, at = context): string {
  try {
    open(withKey, envelope, at);
  } catch (error) {
    if (isLwiError(error)) return error.code;
    throw error;
  }
  return 'opened';
}

describe('fixed vectors', () => {
  test('the key id is stable', () => {
    expect(keyIdOf(key)).toBe('43b5a9e544b450f5');
    expect(keyIdOf(otherKey)).not.toBe(keyIdOf(key));
  });

  test('an envelope is what another implementation makes of the same input', () => {
    expect(hex(seal(key, VECTOR.plaintext, context, nonce))).toBe(VECTOR.sealed);
    expect(text(open(key, Buffer.from(VECTOR.sealed, 'hex'), context))).toBe(VECTOR.plaintext);
  });

  test('an empty plaintext is sealed and opened too', () => {
    const sealed = seal(key, '', context);
    expect(sealed).toHaveLength(EMPTY_LENGTH);
    expect(open(key, sealed, context)).toEqual(new Uint8Array());
  });
});

describe('refused', () => {
  const sealed = Uint8Array.from(Buffer.from(VECTOR.sealed, 'hex'));
  const withByte = (index: number, byte: number) => Uint8Array.from(sealed.with(index, byte));
  const other = seal(key, VECTOR.plaintext, context);

  test.each<[string, Uint8Array]>([
    ['nothing at all', new Uint8Array()],
    ['one byte', sealed.slice(0, 1)],
    ['a header alone', sealed.slice(0, 9)],
    ['too short for a tag', sealed.slice(0, EMPTY_LENGTH - 1)],
    ['version 0', withByte(0, 0)],
    ['version 2', withByte(0, 2)],
    ['a tag cut by one byte', sealed.slice(0, -1)],
    ['a tag cut to 12 bytes', sealed.slice(0, -4)],
    ['a tag cut to 4 bytes', sealed.slice(0, -12)],
    ['no tag', sealed.slice(0, -16)],
    ['a tag of zeros', Uint8Array.from([...sealed.slice(0, -16), ...new Uint8Array(16)])],
    ['a byte too many', Uint8Array.from([...sealed, 0])],
    [
      'the nonce of another envelope',
      Uint8Array.from([...sealed.slice(0, 9), ...other.slice(9, 21), ...sealed.slice(21)]),
    ],
    ['the tag of another envelope', Uint8Array.from([...sealed.slice(0, -16), ...other.slice(-16)])],
    ['the ciphertext removed', Uint8Array.from([...sealed.slice(0, 21), ...sealed.slice(-16)])],
  ])('%s', (_, envelope) => {
    expect(refusal(envelope)).toBe('VAULT_CORRUPT');
  });

  test('another key is told from damage', () => {
    expect(refusal(sealed, otherKey)).toBe('KEY_WRONG');
    expect(() => open(otherKey, sealed, context)).toThrow(
      `The ciphertext was sealed with key ${keyIdOf(key)}, and not with key ${keyIdOf(otherKey)}.`,
    );
  });

  test('another key whose id was written into the envelope', () => {
    const forged = Uint8Array.from([1, ...Buffer.from(keyIdOf(otherKey), 'hex'), ...sealed.slice(9)]);
    expect(refusal(forged, otherKey)).toBe('VAULT_CORRUPT');
  });

  test('a key of the wrong length is not used', () => {
    expect(() => seal(key.slice(1), 'x', context)).toThrow(RangeError);
  });
});

describe('properties', () => {
  const anyKey = fc.uint8Array({ minLength: 32, maxLength: 32 });

  test('what was sealed opens to the same bytes', () => {
    fc.assert(
      fc.property(anyKey, fc.uint8Array({ maxLength: 5000 }), fc.string({ unit: 'binary' }), (anKey, plaintext, at) => {
        expect(open(anKey, seal(anKey, plaintext, at), at)).toEqual(plaintext);
      }),
    );
  });

  test('any flipped bit fails', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), (plaintext, place) => {
        const sealed = seal(key, plaintext, context);
        const bit = place % (sealed.length * 8);
        const index = bit >> 3;
        const flipped = Uint8Array.from(sealed.with(index, (sealed[index] ?? 0) ^ (1 << (bit & 7))));
        expect(refusal(flipped)).toBe(index >= 1 && index < 9 ? 'KEY_WRONG' : 'VAULT_CORRUPT');
      }),
      { numRuns: 500 },
    );
  });

  test('any other place fails', () => {
    const part = fc.string({ maxLength: 4 });
    const place = fc.record({ account: part, provider: part, column: part, row: part });
    fc.assert(
      fc.property(place, place, (here, there) => {
        fc.pre(JSON.stringify(Object.entries(here)) !== JSON.stringify(Object.entries(there)));
        expect(refusal(seal(key, 'secret', contextOf(here)), key, contextOf(there))).toBe('VAULT_CORRUPT');
      }),
    );
  });

  test('moving a letter from one name to the next is another place', () => {
    const place = { account: 'ab', provider: 'c', column: 'd', row: 'e' };
    const sealed = seal(key, 'secret', contextOf(place));
    expect(refusal(sealed, key, contextOf({ ...place, account: 'a', provider: 'bc' }))).toBe('VAULT_CORRUPT');
  });

  test('the same secret is never sealed alike, and never shows', () => {
    const sealed = Array.from({ length: 100 }, () => hex(seal(key, 'a secret', context)));
    expect(new Set(sealed.map((one) => one.slice(18, 42))).size).toBe(100);
    expect(sealed.filter((one) => one.includes(hex(Buffer.from('a secret'))))).toEqual([]);
  });
});
