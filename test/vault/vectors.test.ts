import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isLwiError } from '../../src/errors.ts';
import type { SealedPlace } from '../../src/store/store.ts';
import { decrypt, encrypt } from '../../src/vault/aead.ts';
import { keyIdOf, open, seal } from '../../src/vault/envelope.ts';
import { contextOf } from '../../src/vault/vault.ts';

interface EnvelopeVectors {
  readonly key: string;
  readonly keyId: string;
  readonly tests: readonly {
    readonly id: number;
    readonly comment: string;
    readonly result: string;
    readonly place: SealedPlace;
    readonly nonce?: string;
    readonly plaintext?: string;
    readonly envelope: string;
  }[];
}

type GcmVector = { readonly [name in 'key' | 'iv' | 'aad' | 'msg' | 'ct' | 'tag']: string };

const load = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../fixtures/vault/${name}.json`, import.meta.url), 'utf8')) as T;
const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));
const hex = (value: Uint8Array) => Buffer.from(value).toString('hex');

describe('fixed envelopes', () => {
  const { key, keyId, tests } = load<EnvelopeVectors>('envelope');

  test('are for the key that they name, and many', () => {
    expect(keyIdOf(bytes(key))).toBe(keyId);
    expect(tests.length).toBeGreaterThan(80);
  });

  test.each(tests)('$id: $comment: $result', ({ result, place, nonce, plaintext, envelope }) => {
    const attempt = () => {
      try {
        return { plaintext: hex(open(bytes(key), bytes(envelope), contextOf(place))) };
      } catch (error) {
        return { refused: isLwiError(error) ? error.code : error };
      }
    };
    if (result !== 'valid') return expect(attempt()).toEqual({ refused: result });
    expect(attempt()).toEqual({ plaintext });
    expect(hex(seal(bytes(key), bytes(plaintext ?? ''), contextOf(place), bytes(nonce ?? '')))).toBe(envelope);
  });
});

describe('the published test cases of AES-256-GCM', () => {
  const { tests } = load<{ readonly tests: readonly GcmVector[] }>('aes-256-gcm');

  test.each(tests)('case $id: seals and opens', ({ key, iv, aad, msg, ct, tag }) => {
    expect(hex(encrypt(bytes(key), bytes(iv), bytes(msg), bytes(aad)))).toBe(ct + tag);
    expect(hex(decrypt(bytes(key), bytes(iv), bytes(ct + tag), bytes(aad)))).toBe(msg);
  });

  test('property: a bit flipped in key, nonce, associated data, ciphertext or tag is refused', () => {
    const flip = (text: string, place: number) => {
      const flipped = bytes(text);
      const bit = place % (flipped.length * 8);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return hex(flipped);
    };
    const parts = fc.constantFrom('key' as const, 'iv' as const, 'aad' as const, 'ct' as const, 'tag' as const);
    fc.assert(
      fc.property(fc.constantFrom(...tests), parts, fc.nat(), (vector, part, place) => {
        fc.pre(vector[part] !== '');
        const changed: GcmVector = { ...vector, [part]: flip(vector[part], place) };
        const { key, iv, ct, tag, aad } = changed;
        expect(() => decrypt(bytes(key), bytes(iv), bytes(ct + tag), bytes(aad))).toThrow();
      }),
    );
  });

  test('a ciphertext without room for a tag is refused', () => {
    expect(() => decrypt(new Uint8Array(32), new Uint8Array(12), new Uint8Array(15), new Uint8Array())).toThrow(
      'shorter than its tag',
    );
  });
});
