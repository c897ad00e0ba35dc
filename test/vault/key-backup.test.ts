import { expect, test } from 'vitest';
import { named } from '../../src/vault/claimed-key.ts';
import { openKeyBackup, sealKeyBackup } from '../../src/vault/key-backup.ts';
import { derive, isAffordable, RECOMMENDED_COST } from '../../src/vault/passphrase-key.ts';
import { KEY, KEY_TEXT } from './key-provider-contract.ts';

const VAULT = '0123456789abcdef0123456789abcdef';
const PASSPHRASE = 'correct horse battery staple';
const NAMED = named(KEY);
const salt = Uint8Array.from({ length: 16 }, (_, index) => index);
const nonce = Uint8Array.from({ length: 12 }, (_, index) => 100 + index);
/** Enough for what is tested here. */
const cost = { N: 1024, r: 8, p: 1 };

const sealed = await sealKeyBackup(NAMED, VAULT, PASSPHRASE, { salt, nonce, cost });
const opened = (change: object, passphrase = PASSPHRASE) =>
  openKeyBackup(JSON.stringify({ ...sealed, ...change }), passphrase);

/** The base64 text with one bit of its first byte flipped. */
function flipped(text: string): string {
  const bytes = Buffer.from(text, 'base64');
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  return bytes.toString('base64');
}

test.each([
  // RFC 7914, section 12.
  [
    'password',
    'NaCl',
    { N: 1024, r: 8, p: 16 },
    'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640',
  ],
  [
    'pleaseletmein',
    'SodiumChloride',
    { N: 16384, r: 8, p: 1 },
    '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887',
  ],
])('scrypt gives what its specification gives: %s', async (passphrase, salt, cost, expected) => {
  const key = await derive(passphrase, Buffer.from(salt), cost, 64);
  expect(Buffer.from(key).toString('hex')).toBe(expected);
});

test('a backup says what it is of and how it is sealed, and not the key', () => {
  expect(sealed).toEqual({
    ...{ type: 'lwi-key', version: 1, vaultId: VAULT, keyId: NAMED.keyId },
    kdf: { name: 'scrypt', N: 1024, r: 8, p: 1, salt: 'AAECAwQFBgcICQoLDA0ODw==' },
    nonce: 'ZGVmZ2hpamtsbW5v',
    sealed: expect.stringMatching(/^[A-Za-z0-9+/]{64}$/),
    check: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
  });
  expect(JSON.stringify(sealed)).not.toContain(KEY_TEXT.slice(0, 8));
});

test('it opens with its passphrase, however the letters are composed, and each backup is another', async () => {
  expect(await opened({})).toEqual({ ...NAMED, vaultId: VAULT });
  const accented = await sealKeyBackup(NAMED, VAULT, 'caf\u00e9 society', { cost });
  expect(await openKeyBackup(JSON.stringify(accented), 'cafe\u0301 society')).toEqual({ ...NAMED, vaultId: VAULT });
  expect(accented.kdf.salt).not.toBe(sealed.kdf.salt);
  expect(accented.nonce).not.toBe(sealed.nonce);
});

test('a wrong passphrase is told from damage', async () => {
  const wrong = { code: 'KEY_WRONG', message: 'The passphrase does not open this backup.' };
  await expect(opened({}, 'correct horse battery stable')).rejects.toMatchObject(wrong);
  await expect(opened({}, '')).rejects.toMatchObject(wrong);
});

test.each<[string, object]>([
  ['the ciphertext', { sealed: flipped(sealed.sealed) }],
  ['the nonce', { nonce: flipped(sealed.nonce) }],
  ['the check value', { check: flipped(sealed.check) }],
  ['the id of the key', { keyId: '0123456789abcdef' }],
  ['the id of the vault', { vaultId: VAULT.replace('0', '1') }],
])('%s that was altered is damage', async (_, change) => {
  await expect(opened(change)).rejects.toMatchObject({
    code: 'INPUT_INVALID',
    message: 'The passphrase is right, but the backup was altered or is damaged.',
  });
});

test.each<[string, object]>([
  ['the salt', { kdf: { ...sealed.kdf, salt: flipped(sealed.kdf.salt) } }],
  ['the cost', { kdf: { ...sealed.kdf, N: 2048 } }],
])('%s that was altered is taken for a wrong passphrase', async (_, change) => {
  await expect(opened(change)).rejects.toMatchObject({ code: 'KEY_WRONG' });
});

test.each<[string, object, string]>([
  ['of another type', { type: 'key' }, '"type" is not "lwi-key"'],
  ['of a later version', { version: 2 }, 'its version is not 1; a newer lwi may read it'],
  ['without cost', { kdf: undefined }, '"kdf" is not an object'],
  ['with another derivation', { kdf: { ...sealed.kdf, name: 'argon2id' } }, '"kdf.name" is not "scrypt"'],
  ['with a short nonce', { nonce: 'AAAA' }, '"nonce" is not 12 bytes in base64'],
  ['with a short ciphertext', { sealed: 'AAAA' }, '"sealed" is not 48 bytes in base64'],
  ['with no check value', { check: '' }, '"check" is not 32 bytes in base64'],
  ['with a salt too short', { kdf: { ...sealed.kdf, salt: 'AAAA' } }, '"salt" is not 8 to 64 bytes in base64'],
  ['with text that is no base64', { nonce: '!'.repeat(16) }, '"nonce" is not 12 bytes in base64'],
  ['with an odd key id', { keyId: '../../etc' }, '"keyId" is not what it should be'],
])('a file %s is no backup', async (_, change, why) => {
  await expect(opened(change)).rejects.toMatchObject({
    code: 'INPUT_INVALID',
    message: `This is no backup of a key: ${why}.`,
  });
});

test.each(['', 'null', '[]', '{', '"lwi-key"', 'x'.repeat(20_000)])(
  'text that is no backup is refused: %j',
  async (text) => {
    await expect(openKeyBackup(text, PASSPHRASE)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  },
);

test('a file cannot ask for more than 1 GiB, nor for what scrypt does not take', async () => {
  expect(isAffordable(RECOMMENDED_COST)).toBe(true);
  expect(isAffordable({ N: 2 ** 20, r: 8, p: 1 })).toBe(true);
  for (const cost of [
    { N: 2 ** 21, r: 8, p: 1 },
    { N: 2 ** 20, r: 8, p: 2 },
    { N: 2 ** 60, r: 8, p: 1 },
    { N: 100_000, r: 8, p: 1 },
    { N: 1, r: 8, p: 1 },
    { N: 0, r: 8, p: 1 },
    { N: -1024, r: 8, p: 1 },
    { N: 1024.5, r: 8, p: 1 },
    { N: 1024, r: 0, p: 1 },
    { N: 1024, r: 8, p: Number.NaN },
    { N: Number.POSITIVE_INFINITY, r: 8, p: 1 },
  ]) {
    expect([cost, isAffordable(cost)]).toEqual([cost, false]);
    await expect(opened({ kdf: { ...sealed.kdf, ...cost } })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  }
});

test('a short passphrase is refused for a new backup, counted in characters', async () => {
  await expect(sealKeyBackup(NAMED, VAULT, '1234567')).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  await expect(sealKeyBackup(NAMED, VAULT, '🔑🔑🔑🔑')).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  await sealKeyBackup(NAMED, VAULT, '12345678', { cost });
});

test('without further choices a backup costs what is recommended, and opens', async () => {
  const backup = await sealKeyBackup(NAMED, VAULT, PASSPHRASE);
  expect(backup.kdf).toEqual({ name: 'scrypt', N: 131072, r: 8, p: 1, salt: expect.stringMatching(/^.{22}==$/) });
  expect(await openKeyBackup(JSON.stringify(backup), PASSPHRASE)).toEqual({ ...NAMED, vaultId: VAULT });
});
