import { describe, expect, test } from 'vitest';
import { keyIdOf } from '../../src/vault/envelope.ts';
import type { KeyProvider } from '../../src/vault/key-provider.ts';

export const KEY = Uint8Array.from({ length: 32 }, (_, index) => 200 - index);
export const KEY_TEXT = Buffer.from(KEY).toString('base64');

/** What every place of a key must do. `holding` gives one that has `KEY`, with a text that must never be shown. */
export function describeKeyProvider(name: string, holding: () => Promise<KeyProvider>): void {
  describe(`${name} as a key provider`, () => {
    test('gives the key it holds, also when asked for it by its id, every time', async () => {
      const provider = await holding();
      expect(await provider.read(keyIdOf(KEY))).toEqual(KEY);
      expect(await provider.read(keyIdOf(KEY))).toEqual(KEY);
    });

    test('says where it is without showing the key', async () => {
      const description = (await holding()).describe();
      expect(description).not.toBe('');
      expect(description).not.toContain(KEY_TEXT.slice(0, 8));
    });

    test('where it can write, gives back what was written beside what was there, until that is removed', async ({
      skip,
    }) => {
      const provider = await holding();
      skip(provider.write === undefined, 'lwi does not write this place');
      const second = KEY.map((byte) => byte ^ 1);
      await provider.write?.(second);
      expect(await provider.read(keyIdOf(second))).toEqual(second);
      expect(await provider.read(keyIdOf(KEY))).toEqual(KEY);
      await provider.remove?.(keyIdOf(second));
      await provider.remove?.(keyIdOf(second));
      expect(await provider.read(keyIdOf(second))).toBeUndefined();
      expect(await provider.read(keyIdOf(KEY))).toEqual(KEY);
    });

    test('where it can be checked, the check passes and leaves what was there', async ({ skip }) => {
      const provider = await holding();
      skip(provider.check === undefined, 'this place has no check');
      await provider.check?.();
      expect(await provider.read(keyIdOf(KEY))).toEqual(KEY);
    });
  });
}
