import { createCipheriv, createDecipheriv } from 'node:crypto';

/** Length of a nonce, bytes: 96 bits, for which GCM was designed (NIST SP 800-38D, 5.2.1.1). */
export const NONCE_BYTES = 12;
/** Length of a tag, bytes; a shorter one is never taken. */
export const TAG_BYTES = 16;

const ALGORITHM = 'aes-256-gcm';

/** AES-256-GCM (NIST SP 800-38D): the ciphertext, and behind it the tag of 16 bytes. A nonce is for one use under one key. */
export function encrypt(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, associated: Uint8Array): Uint8Array {
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associated);
  return new Uint8Array(Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]));
}

/** What `encrypt` was given. Throws an Error when key, nonce, ciphertext, tag or associated data is another. */
export function decrypt(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, associated: Uint8Array): Uint8Array {
  const tag = sealed.length - TAG_BYTES;
  if (tag < 0) throw new RangeError('The ciphertext is shorter than its tag.');
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(associated);
  decipher.setAuthTag(sealed.subarray(tag));
  return new Uint8Array(Buffer.concat([decipher.update(sealed.subarray(0, tag)), decipher.final()]));
}
