import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { LwiError } from '../errors.ts';
import { decrypt, encrypt, NONCE_BYTES } from './aead.ts';
import { type NamedKey, named } from './claimed-key.ts';
import { type KeyBackup, readKeyBackup } from './key-backup-file.ts';
import { KEY_BYTES } from './key-provider.ts';
import { derive, RECOMMENDED_COST, type ScryptCost } from './passphrase-key.ts';

/** Fewest characters of a passphrase for a new backup. */
export const SHORTEST_PASSPHRASE = 8;

const SALT_BYTES = 16;
const CHECK_LABEL = 'lwi key backup check v1';

/** What is drawn at random or fixed; given in tests only. */
export interface BackupChoices {
  readonly salt?: Uint8Array;
  readonly nonce?: Uint8Array;
  readonly cost?: ScryptCost;
}

/**
 * Seals the key of the database `vaultId` under a passphrase, as a document that may be kept anywhere: whoever has it must still guess the
 * passphrase, at 128 MiB and a good part of a second a guess (see `RECOMMENDED_COST`). Throws INPUT_INVALID for a short passphrase.
 */
export async function sealKeyBackup(
  { keyId, key }: NamedKey,
  vaultId: string,
  passphrase: string,
  choices: BackupChoices = {},
): Promise<KeyBackup> {
  const { salt = randomBytes(SALT_BYTES), nonce = randomBytes(NONCE_BYTES), cost = RECOMMENDED_COST } = choices;
  if ([...passphrase.normalize('NFC')].length < SHORTEST_PASSPHRASE) {
    throw new LwiError('INPUT_INVALID', `The passphrase is shorter than ${SHORTEST_PASSPHRASE} characters.`, {
      hint: 'Choose a longer one; several random words are good.',
    });
  }
  const { encryption, check } = await halves(passphrase, salt, cost);
  const header = {
    ...({ type: 'lwi-key', version: 1, vaultId, keyId } as const),
    kdf: { name: 'scrypt', ...cost, salt: base64(salt) } as const,
    nonce: base64(nonce),
  };
  const sealed = encrypt(encryption, nonce, key, associatedData(header));
  return { ...header, sealed: base64(sealed), check: base64(checkOf(check)) };
}

/**
 * The key in the text of a backup. Throws KEY_WRONG when the passphrase is another one, INPUT_INVALID when the text is no backup or was
 * altered. A salt or cost that was altered cannot be told from a wrong passphrase.
 */
export async function openKeyBackup(
  text: string,
  passphrase: string,
): Promise<NamedKey & { readonly vaultId: string }> {
  const backup = readKeyBackup(text);
  const { N, r, p } = backup.kdf;
  const { encryption, check } = await halves(passphrase, bytes(backup.kdf.salt), { N, r, p });
  const key = unseal(backup, encryption);
  const passphraseFits = timingSafeEqual(checkOf(check), bytes(backup.check));
  if (key === undefined && !passphraseFits) {
    throw new LwiError('KEY_WRONG', 'The passphrase does not open this backup.', {
      hint: 'Give the passphrase that was chosen at `lwi key export`. Nothing was changed.',
    });
  }
  if (key === undefined || !passphraseFits || key.length !== KEY_BYTES || named(key).keyId !== backup.keyId) {
    throw new LwiError('INPUT_INVALID', 'The passphrase is right, but the backup was altered or is damaged.', {
      hint: 'Take another copy of the backup.',
    });
  }
  return { ...named(key), vaultId: backup.vaultId };
}

function unseal(backup: KeyBackup, encryption: Uint8Array): Uint8Array | undefined {
  try {
    return decrypt(encryption, bytes(backup.nonce), bytes(backup.sealed), associatedData(backup));
  } catch {
    return undefined;
  }
}

/** 64 bytes out of the passphrase: one half encrypts, the other tells a wrong passphrase from damage. */
async function halves(passphrase: string, salt: Uint8Array, cost: ScryptCost) {
  const derived = await derive(passphrase, salt, cost, 2 * KEY_BYTES);
  return { encryption: derived.subarray(0, KEY_BYTES), check: derived.subarray(KEY_BYTES) };
}

const checkOf = (half: Uint8Array) => createHmac('sha256', half).update(CHECK_LABEL).digest();

/** Everything in the header, in a fixed order. */
function associatedData({
  type,
  version,
  vaultId,
  keyId,
  kdf,
  nonce,
}: Omit<KeyBackup, 'sealed' | 'check'>): Uint8Array {
  const { name, N, r, p, salt } = kdf;
  return Buffer.from(JSON.stringify([type, version, vaultId, keyId, name, N, r, p, salt, nonce]));
}

const base64 = (value: Uint8Array) => Buffer.from(value).toString('base64');
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
