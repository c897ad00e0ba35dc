import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatKey, parseKey } from '../../src/vault/encryption-key.ts';
import { keyIdOf } from '../../src/vault/envelope.ts';
import type { KeyProvider } from '../../src/vault/key-provider.ts';

/** Moments of a key's life in its place. */
export type Moment = 'before-write' | 'after-write' | 'before-removal' | 'after-removal';

/** Keys as files of a directory, one for each id: a keychain that outlives the process. `at` is told of each moment. */
export function keyFolder(directory: string, at: (moment: Moment) => void = () => {}): KeyProvider {
  mkdirSync(directory, { recursive: true });
  return {
    describe: () => 'folder of keys',
    read: async (keyId) => {
      const path = join(directory, keyId ?? 'none');
      return existsSync(path) ? parseKey(readFileSync(path, 'utf8'), 'A key of the folder') : undefined;
    },
    write: async (key) => {
      at('before-write');
      writeFileSync(join(directory, keyIdOf(key)), formatKey(key));
      at('after-write');
    },
    remove: async (keyId) => {
      at('before-removal');
      rmSync(join(directory, keyId), { force: true });
      at('after-removal');
    },
  };
}

/** Ids of the keys in a folder. */
export const keysIn = (directory: string): string[] => readdirSync(directory).sort();
