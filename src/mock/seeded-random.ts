import { createHash } from 'node:crypto';
import type { Random } from '../clock.ts';

/** A random generator that repeats itself for the same seed (mulberry32). Not for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    return mix(state) / 2 ** 32;
  };
}

function mix(value: number): number {
  let x = Math.imul(value ^ (value >>> 15), value | 1);
  x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
  return (x ^ (x >>> 14)) >>> 0;
}

/** A number in [0, 2^32) that depends on nothing but its arguments: the same row always looks the same. */
export function hashOf(...parts: readonly number[]): number {
  let hash = 0x9e3779b9;
  for (const part of parts) hash = mix((hash ^ Math.imul(part | 0, 0x85ebca6b)) >>> 0);
  return hash;
}

/** The entry of a list that a hash points at. Throws RangeError for an empty list. */
export function pick<T>(list: readonly T[], hash: number): T {
  const entry = list[hash % list.length];
  if (entry === undefined) throw new RangeError('cannot pick from an empty list');
  return entry;
}

/** Makes opaque values (tokens, codes, request ids) that repeat for the same seed and differ for each call. */
export type Mint = (label: string) => string;

/** A Mint of 43 characters of base64url. The values are as unguessable as the seed: good for a mock only. */
export function createMint(seed: number, owner: string): Mint {
  let count = 0;
  return (label) => {
    count += 1;
    return createHash('sha256').update(`${seed}:${owner}:${label}:${count}`).digest('base64url');
  };
}
