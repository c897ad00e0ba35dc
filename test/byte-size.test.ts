import { expect, test } from 'vitest';
import { formatBytes } from '../src/byte-size.ts';

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1 KiB'],
  [1536, '1.5 KiB'],
  [10_000, '9.8 KiB'],
  [10_200, '10 KiB'],
  [1_000_000, '977 KiB'],
  [1024 ** 2 - 1, '1.0 MiB'],
  [64 * 1024 ** 2, '64 MiB'],
  [5 * 1024 ** 5, '5120 TiB'],
])('%i bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
