import { createHash, randomBytes } from 'node:crypto';
import { LwiError } from '../errors.ts';
import { ENVELOPE_VERSION, envelopeKeyId, KEY_ID_BYTES } from '../store/sealed-with.ts';
import { decrypt, encrypt, NONCE_BYTES, TAG_BYTES } from './aead.ts';

/**
 * The sealed form of every secret in the database: AES-256-GCM (NIST SP 800-38D).
 *
 *     version (1 byte, 0x01) | key id (8) | nonce (12) | ciphertext | tag (16)
 *
 * Defended against: somebody who reads the database, a backup or a copy of the disk learns nothing but lengths; somebody who
 * writes it cannot alter a secret, nor move it to another tenant, provider, column or row, because version, key id and
 * `context` are associated data. Not defended against: putting back an older ciphertext of the same place, deleting
 * rows, and whoever runs code as the same user, because that user can ask for the key.
 *
 * Nonces are random. Up to 2^32 seals under one key keep the chance of a repeat below 2^-32 (SP 800-38D, 8.3).
 */
const HEADER_BYTES = 1 + KEY_ID_BYTES;
const SHORTEST = HEADER_BYTES + NONCE_BYTES + TAG_BYTES;

/** Sealing and identifying use the key for different ends; the label keeps them apart. */
const KEY_ID_LABEL = 'lwi vault key id v1';

/** Id of a key, safe to print: the first 8 bytes of SHA-256 over a fixed label and the key, in hex. */
export function keyIdOf(key: Uint8Array): string {
  return createHash('sha256')
    .update(KEY_ID_LABEL)
    .update(key)
    .digest('hex')
    .slice(0, 2 * KEY_ID_BYTES);
}

/**
 * Encrypts `plaintext` under the 32-byte `key` for the place that `context` names. `nonce` (12 bytes) is for test vectors
 * only; without it a fresh one is drawn.
 */
export function seal(
  key: Uint8Array,
  plaintext: string | Uint8Array,
  context: string,
  nonce: Uint8Array = randomBytes(NONCE_BYTES),
): Uint8Array {
  const header = Buffer.concat([Buffer.of(ENVELOPE_VERSION), Buffer.from(keyIdOf(key), 'hex')]);
  const sealed = encrypt(key, nonce, Buffer.from(plaintext), associatedData(header, context));
  return new Uint8Array(Buffer.concat([header, nonce, sealed]));
}

/**
 * Decrypts what `seal` made with the same key and context. Throws KEY_WRONG for another key, VAULT_CORRUPT for anything that
 * is no envelope, was altered, or belongs to another place.
 */
export function open(key: Uint8Array, envelope: Uint8Array, context: string): Uint8Array {
  if (envelope.length < SHORTEST)
    throw new LwiError('VAULT_CORRUPT', `${envelope.length} bytes are too few for a ciphertext.`);
  const sealedBy = envelopeKeyId(envelope);
  if (sealedBy === undefined)
    throw new LwiError('VAULT_CORRUPT', `The ciphertext is of unknown version ${envelope[0]}.`);
  if (sealedBy !== keyIdOf(key)) {
    throw new LwiError(
      'KEY_WRONG',
      `The ciphertext was sealed with key ${sealedBy}, and not with key ${keyIdOf(key)}.`,
    );
  }
  const body = HEADER_BYTES + NONCE_BYTES;
  const nonce = envelope.subarray(HEADER_BYTES, body);
  try {
    return decrypt(key, nonce, envelope.subarray(body), associatedData(envelope.subarray(0, HEADER_BYTES), context));
  } catch (cause) {
    throw new LwiError('VAULT_CORRUPT', 'The ciphertext was altered or belongs to another place.', { cause });
  }
}

const associatedData = (header: Uint8Array, context: string) => Buffer.concat([header, Buffer.from(context)]);
