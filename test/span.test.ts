import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSpan, parseSpan, readSpan, roughSpan } from '../src/span.ts';

describe('a span', () => {
  it.each([
    ['500ms', 500],
    ['0s', 0],
    ['90s', 90_000],
    ['1.5m', 90_000],
    ['36h', 129_600_000],
    ['7d', 604_800_000],
    ['2w', 1_209_600_000],
    [' 5m ', 300_000],
    ['0.001s', 1],
  ])('%j is %i ms', (text, expected) => expect(readSpan(text)).toBe(expected));

  it.each(['', 's', '5', '5 m', '-5m', '+5m', '5M', '5min', '1e3s', '.5h', '5.h', '1.2345s', '1234567890s', '1h30m'])(
    '%j is none',
    (text) => expect(readSpan(text)).toBeUndefined(),
  );

  it('names the option that it was given to', () => {
    expect(parseSpan('5m', '--interval')).toBe(300_000);
    expect(() => parseSpan('soon', '--interval')).toThrow(
      '--interval takes a span such as 90s, 5m, 36h or 7d, not "soon".',
    );
  });
});

describe('a span for people', () => {
  it.each([
    [0, '0ms'],
    [350, '350ms'],
    [999.6, '1s'],
    [47_000, '47s'],
    [2_820_000, '47m'],
    [3_600_000, '1h'],
    [7_500_000, '2h 5m'],
    [1_137_600_000, '13d 4h'],
    [3_599_999, '1h'],
    [86_399_999, '1d'],
    [-5000, '5s'],
  ])('%d ms is %j', (ms, expected) => expect(formatSpan(ms)).toBe(expected));

  it('can be read again, and is off by at most half of its smaller unit', () => {
    const halfOfSmaller = (ms: number) => (ms >= 86_300_000 ? 1_800_000 : ms >= 3_590_000 ? 30_000 : 500);
    fc.assert(
      fc.property(fc.nat({ max: 10 * 365 * 86_400_000 }), (ms) => {
        const read = formatSpan(ms)
          .split(' ')
          .reduce((sum, part) => sum + (readSpan(part) ?? Number.NaN), 0);
        expect(Math.abs(read - ms)).toBeLessThanOrEqual(halfOfSmaller(ms));
      }),
    );
  });
});

it.each([
  [400, '400ms'],
  [9_000, '9s'],
  [59_400, '59s'],
  [59_700, '1m'],
  [423_000, '7m 3s'],
  [599_900, '10m'],
  [2_886_000, '48m'],
  [3_599_000, '1h'],
  [33_840_000, '9h 24m'],
  [42_480_000, '12h'],
  [86_399_000, '1d'],
  [8_730_000_000, '101d'],
  [157_680_000_000, '5y'],
])('%d ms is said as %j', (ms, said) => expect(roughSpan(ms)).toBe(said));
