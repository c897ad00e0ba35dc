import { LwiError } from '../errors.ts';
import { NONCE_BYTES, TAG_BYTES } from './aead.ts';
import { KEY_BYTES } from './key-provider.ts';
import { isAffordable, type ScryptCost } from './passphrase-key.ts';

/** A key sealed under a passphrase. Bytes are base64 with padding (RFC 4648, section 4). */
export interface KeyBackup {
  readonly type: 'lwi-key';
  readonly version: 1;
  /** Identity of the database that the key opens. */
  readonly vaultId: string;
  readonly keyId: string;
  readonly kdf: ScryptCost & { readonly name: 'scrypt'; readonly salt: string };
  readonly nonce: string;
  /** Ciphertext of the key and its tag. */
  readonly sealed: string;
  /** SHA-256 HMAC of a fixed text under the second half of what scrypt gave. */
  readonly check: string;
}

/** A backup has some 400 characters; more than this is another file. */
const LONGEST = 16 * 1024;

/** Longest salt that is taken, bytes. */
const LONGEST_SALT = 64;

/** Reads the text of a backup and checks its form; nothing in it is trusted yet. Throws INPUT_INVALID that says what is wrong. */
export function readKeyBackup(text: string): KeyBackup {
  if (text.length > LONGEST) throw invalid('it is too large');
  const backup = membersOf(parse(text), 'it');
  if (backup['type'] !== 'lwi-key') throw invalid('"type" is not "lwi-key"');
  if (backup['version'] !== 1) throw invalid('its version is not 1; a newer lwi may read it');
  const kdf = membersOf(backup['kdf'], '"kdf"');
  if (kdf['name'] !== 'scrypt') throw invalid('"kdf.name" is not "scrypt"');
  const cost = { N: Number(kdf['N']), r: Number(kdf['r']), p: Number(kdf['p']) };
  if (!isAffordable(cost)) throw invalid('the cost in "kdf" is none that scrypt takes, or more than 1 GiB');
  return {
    type: 'lwi-key',
    version: 1,
    vaultId: matching(backup, 'vaultId', /^[0-9a-f]{32}$/),
    keyId: matching(backup, 'keyId', /^[0-9a-f]{16}$/),
    kdf: { name: 'scrypt', ...cost, salt: base64(kdf, 'salt', 8, LONGEST_SALT) },
    nonce: base64(backup, 'nonce', NONCE_BYTES),
    sealed: base64(backup, 'sealed', KEY_BYTES + TAG_BYTES),
    check: base64(backup, 'check', 32),
  };
}

type Members = Readonly<Record<string, unknown>>;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('it is not JSON');
  }
}

function membersOf(value: unknown, name: string): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(`${name} is not an object`);
  return value as Members;
}

function matching(members: Members, name: string, pattern: RegExp): string {
  const value = members[name];
  if (typeof value !== 'string' || !pattern.test(value)) throw invalid(`"${name}" is not what it should be`);
  return value;
}

/** Text of base64 that decodes to `least` to `most` bytes, and is written in the one canonical way. */
function base64(members: Members, name: string, least: number, most = least): string {
  const value = members[name];
  const bytes = Buffer.from(typeof value === 'string' ? value : '', 'base64');
  if (typeof value !== 'string' || bytes.toString('base64') !== value || bytes.length < least || bytes.length > most) {
    throw invalid(`"${name}" is not ${least === most ? least : `${least} to ${most}`} bytes in base64`);
  }
  return value;
}

function invalid(why: string): LwiError {
  return new LwiError('INPUT_INVALID', `This is no backup of a key: ${why}.`, {
    hint: 'Give a file that `lwi key export` wrote.',
  });
}
