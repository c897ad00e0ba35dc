import { scrypt } from 'node:crypto';

/** Cost of scrypt (RFC 7914, section 2): CPU and memory, block size, parallelisation. */
export interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** First choice of the OWASP password storage cheat sheet: 128 MiB. */
export const RECOMMENDED_COST: ScryptCost = { N: 2 ** 17, r: 8, p: 1 };

/** Most that a file may ask for, bytes: 1 GiB of memory, and no more work than filling that once. */
const MOST_BYTES = 2 ** 30;

/** Whether these are numbers that scrypt takes (RFC 7914, section 6) and that cost no more than 1 GiB: `128 * N * r * p`. */
export function isAffordable({ N, r, p }: ScryptCost): boolean {
  const whole = [N, r, p].every((number) => Number.isSafeInteger(number) && number > 0);
  return whole && N > 1 && Number.isInteger(Math.log2(N)) && 128 * N * r * p <= MOST_BYTES;
}

/**
 * `length` bytes out of a passphrase, by scrypt. The passphrase is brought to Unicode's form NFC first, because systems differ in how they
 * type the same letters (RFC 8265, section 4.2.2).
 */
export function derive(passphrase: string, salt: Uint8Array, cost: ScryptCost, length: number): Promise<Uint8Array> {
  // Node refuses at its own, lower limit otherwise; it counts a little more than 128 * N * r.
  const options = { ...cost, maxmem: 2 * MOST_BYTES };
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFC'), salt, length, options, (error, key) => {
      if (error) reject(error);
      else resolve(new Uint8Array(key));
    });
  });
}
