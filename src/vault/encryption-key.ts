import { randomBytes } from 'node:crypto';
import { LwiError } from '../errors.ts';
import { KEY_BYTES } from './key-provider.ts';

/** A fresh key for `LWI_ENCRYPTION_KEY` or a key file: 32 random bytes in base64 (RFC 4648, section 4). */
export function generateKey(): string {
  return formatKey(randomBytes(KEY_BYTES));
}

/** A key as text: padded base64. */
export function formatKey(key: Uint8Array): string {
  return Buffer.from(key).toString('base64');
}

/**
 * Reads a key out of base64 or base64url (RFC 4648, sections 4 and 5), padded or not, and nothing around it. Throws
 * KEY_INVALID, which names `source` and never the text.
 */
export function parseKey(text: string, source: string): Uint8Array {
  if (text === '') throw new LwiError('KEY_INVALID', `${source} is empty.`);
  const unpadded = text.replace(/=$/, '');
  for (const alphabet of ['base64', 'base64url'] as const) {
    const key = Buffer.from(unpadded, alphabet);
    // Node's decoder forgives anything; what does not come back as it went in was not a key.
    const exact = key.toString(alphabet).replace(/=+$/, '') === unpadded;
    if (exact && key.length === KEY_BYTES) return new Uint8Array(key);
  }
  throw new LwiError('KEY_INVALID', `${source} is not ${KEY_BYTES} bytes in base64.`);
}
