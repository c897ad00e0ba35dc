import { LwiError } from '../errors.ts';

/** Every ciphertext of lwi begins with its version, and then names the key that sealed it (src/vault/envelope.ts). */
export const ENVELOPE_VERSION = 1;
/** Length of a key id in an envelope, bytes. */
export const KEY_ID_BYTES = 8;

/** Id of the key that an envelope says it was sealed with, in hex; undefined for what is no envelope of this version. */
export function envelopeKeyId(envelope: Uint8Array): string | undefined {
  if (envelope.length <= KEY_ID_BYTES || envelope[0] !== ENVELOPE_VERSION) return undefined;
  return Buffer.from(envelope.subarray(1, 1 + KEY_ID_BYTES)).toString('hex');
}

/**
 * Refuses ciphertexts that were sealed before the key of the database was changed; to be asked in the transaction that stores
 * them. `claimed` is the key id that the database holds in it; before the first claim anything goes. Throws KEY_WRONG, retryable.
 */
export function assertSealedWith(claimed: string | undefined, envelopes: Iterable<Uint8Array | undefined>): void {
  if (claimed === undefined) return;
  for (const envelope of envelopes) {
    if (envelope !== undefined && envelopeKeyId(envelope) !== claimed) throw keyChanged();
  }
}

/** The key of the database was changed between two steps of this process; the same command succeeds when it runs again. */
export function keyChanged(): LwiError {
  return new LwiError('KEY_WRONG', 'The key of this database was changed meanwhile. Nothing was stored.', {
    hint: 'Run the command again.',
    retryable: true,
  });
}
