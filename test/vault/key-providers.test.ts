import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { chooseKeyProvider } from '../../src/vault/choose-key-provider.ts';
import { generateKey, parseKey } from '../../src/vault/encryption-key.ts';
import { keyIdOf } from '../../src/vault/envelope.ts';
import { environmentKey, fileKey } from '../../src/vault/environment-key.ts';
import { keychainKey } from '../../src/vault/keychain-key.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';
import { describeKeyProvider, KEY, KEY_TEXT } from './key-provider-contract.ts';
import { memoryKeychain, standingClock } from './memory-keychain.ts';

function keyFile(text: string, mode = 0o600): string {
  const path = join(temporaryDirectory(), 'key');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

describeKeyProvider('LWI_ENCRYPTION_KEY', async () => environmentKey(KEY_TEXT));
describeKeyProvider('LWI_ENCRYPTION_KEY_FILE', async () => fileKey(keyFile(`${KEY_TEXT}\n`)));
describeKeyProvider('a keychain', async () => {
  const items = new Map([[`lwi / vault-v1-${keyIdOf(KEY)}`, KEY_TEXT]]);
  return keychainKey({ vaultId: 'v1', clock: standingClock(), load: async () => memoryKeychain(items) });
});

describe('the text of a key', () => {
  const source = 'LWI_ENCRYPTION_KEY';

  test('a generated key is 32 bytes in padded base64, another each time', () => {
    const keys = Array.from({ length: 50 }, generateKey);
    expect(new Set(keys).size).toBe(50);
    for (const key of keys) {
      expect(key).toMatch(/^[A-Za-z0-9+/]{43}=$/);
      expect(parseKey(key, source)).toHaveLength(32);
    }
  });

  test('property: base64 and base64url are read, padded or not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
        const plain = Buffer.from(key).toString('base64');
        const url = Buffer.from(key).toString('base64url');
        for (const text of [plain, plain.slice(0, -1), url, `${url}=`]) expect(parseKey(text, source)).toEqual(key);
      }),
    );
  });

  const bad: [string, string][] = [
    ['empty', ''],
    ['31 bytes', Buffer.alloc(31, 7).toString('base64')],
    ['33 bytes', Buffer.alloc(33, 7).toString('base64')],
    ['hexadecimal', Buffer.from(KEY).toString('hex')],
    ['a pass phrase', 'correct horse battery staple'],
    ['a space in front', ` ${KEY_TEXT}`],
    ['a newline behind', `${KEY_TEXT}\n`],
    ['quotes around', `"${KEY_TEXT}"`],
    ['twice padded', `${KEY_TEXT}=`],
    ['both alphabets', `+-${KEY_TEXT.slice(2)}`],
    ['bits that belong to no byte', `${'A'.repeat(42)}B=`],
  ];
  test.each(bad)('refused without showing it: %s', async (_, text) => {
    const error = await environmentKey(text)
      .read()
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'KEY_INVALID', message: expect.stringContaining('LWI_ENCRYPTION_KEY') });
    if (text.length > 8) expect(String(error)).not.toContain(text.slice(2, 10));
  });
});

describe('a key file', () => {
  test('may end in one newline of either kind, and in nothing else', async () => {
    expect(await fileKey(keyFile(KEY_TEXT)).read()).toEqual(KEY);
    expect(await fileKey(keyFile(`${KEY_TEXT}\r\n`)).read()).toEqual(KEY);
    for (const text of [`${KEY_TEXT}\n\n`, ` ${KEY_TEXT}`, '', `${KEY_TEXT}\n${KEY_TEXT}`, 'x'.repeat(5000)]) {
      await expect(fileKey(keyFile(text)).read()).rejects.toMatchObject({ code: 'KEY_INVALID' });
    }
  });

  test.each([0o640, 0o604, 0o644, 0o660])('that others may open (mode %o) is refused with the remedy', async (mode) => {
    const path = keyFile(KEY_TEXT, mode);
    await expect(fileKey(path).read()).rejects.toMatchObject({
      code: 'KEY_INVALID',
      message: `The key file ${path} is open to others (mode 0${mode.toString(8)}).`,
      hint: `Run \`chmod 600 ${path}\`.`,
    });
  });

  test('that is not there, or no file, is said to be so', async () => {
    const home = temporaryDirectory();
    mkdirSync(join(home, 'directory'));
    const missing = join(home, 'missing');
    await expect(fileKey(missing).read()).rejects.toMatchObject({
      code: 'KEY_MISSING',
      message: `LWI_ENCRYPTION_KEY_FILE names ${missing}, which cannot be read (ENOENT).`,
    });
    await expect(fileKey('').read()).rejects.toMatchObject({ code: 'KEY_MISSING' });
    await expect(fileKey(join(home, 'directory')).read()).rejects.toMatchObject({ code: 'KEY_INVALID' });
  });
});

describe('the choice of the place', () => {
  const choose = (environment: Record<string, string | undefined>) =>
    chooseKeyProvider({ environment, vaultId: 'v1', clock: systemClock });

  test('is the environment when it names one, else the keychain', () => {
    expect(choose({ LWI_ENCRYPTION_KEY: KEY_TEXT }).describe()).toBe('LWI_ENCRYPTION_KEY');
    expect(choose({ LWI_ENCRYPTION_KEY_FILE: '/etc/lwi/key' }).describe()).toBe('file /etc/lwi/key');
    expect(choose({}).describe()).toBe('keychain (lwi / vault-v1)');
  });

  test('is refused when two places are named', () => {
    expect(() => choose({ LWI_ENCRYPTION_KEY: KEY_TEXT, LWI_ENCRYPTION_KEY_FILE: '/etc/lwi/key' })).toThrow(
      expect.objectContaining({ code: 'USAGE', hint: 'Unset one of them.' }),
    );
  });

  test('is never the keychain when a variable is set but empty', async () => {
    await expect(choose({ LWI_ENCRYPTION_KEY: '' }).read()).rejects.toMatchObject({ code: 'KEY_INVALID' });
    await expect(choose({ LWI_ENCRYPTION_KEY_FILE: '' }).read()).rejects.toMatchObject({ code: 'KEY_MISSING' });
  });
});

test('a key file that is a pipe is refused at once, and not waited for', async () => {
  const pipe = join(temporaryDirectory(), 'pipe');
  execFileSync('mkfifo', ['-m', '600', pipe]);
  await expect(fileKey(pipe).read()).rejects.toMatchObject({ code: 'KEY_INVALID' });
});
