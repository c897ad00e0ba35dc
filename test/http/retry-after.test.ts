import { describe, expect, it } from 'vitest';
import { httpDate, retryAfterMs } from '../../src/http/retry-after.ts';
import { START } from '../support/virtual-clock.ts';

describe('Retry-After', () => {
  it.each([
    ['whole seconds', { 'retry-after': '30' }, 30_000],
    ['blanks around them', { 'retry-after': ' 30 ' }, 30_000],
    ['none to wait', { 'retry-after': '0' }, 0],
    ['seconds with a fraction, as Shopify sends them', { 'retry-after': '2.0' }, 2000],
    ['a fraction of a second, rounded up to the millisecond', { 'retry-after': '0.0301' }, 31],
    ['a whole day', { 'retry-after': '86400' }, 86_400_000],
    ['a date', { 'retry-after': 'Mon, 05 Jan 2026 10:01:00 GMT' }, 60_000],
    ['a date that is over', { 'retry-after': 'Mon, 05 Jan 2026 09:00:00 GMT' }, 0],
    [
      "a date, by the provider's own clock",
      { 'retry-after': 'Mon, 05 Jan 2026 07:00:10 GMT', date: 'Mon, 05 Jan 2026 07:00:00 GMT' },
      10_000,
    ],
    ['a date in the form of RFC 850', { 'retry-after': 'Monday, 05-Jan-26 10:01:00 GMT' }, 60_000],
    ['a date in the form of asctime', { 'retry-after': 'Mon Jan  5 10:01:00 2026' }, 60_000],
  ])('reads %s', (_name, headers: Record<string, string>, expected) => {
    expect(retryAfterMs(headers, START)).toBe(expected);
  });

  it.each([
    ['nothing', {}],
    ['an empty value', { 'retry-after': ' ' }],
    ['a negative number', { 'retry-after': '-5' }],
    ['half a fraction', { 'retry-after': '1.' }],
    ['a number in other clothes', { 'retry-after': '0x10' }],
    ['more than a day', { 'retry-after': '86401' }],
    ['a date that is more than a day off', { 'retry-after': 'Wed, 07 Jan 2026 10:01:00 GMT' }],
    ['a number that is too long to be one', { 'retry-after': '99999999999999999999' }],
    ['words', { 'retry-after': 'soon' }],
    ['an ISO time', { 'retry-after': '2026-01-05T10:01:00Z' }],
    ['two values', { 'retry-after': '30, 60' }],
    ['a date that does not exist', { 'retry-after': 'Mon, 99 Jan 2026 10:01:00 GMT' }],
  ])('ignores %s', (_name, headers: Record<string, string>) => {
    expect(retryAfterMs(headers, START)).toBeUndefined();
  });

  it('goes by the local clock when the Date is nonsense', () => {
    expect(retryAfterMs({ 'retry-after': 'Mon, 05 Jan 2026 10:01:00 GMT', date: 'yesterday' }, START)).toBe(60_000);
  });
});

describe('HTTP dates', () => {
  it('are read in the form that providers send', () => {
    expect(httpDate('Mon, 05 Jan 2026 10:00:00 GMT')).toBe(START);
  });

  it.each([undefined, '', '1767607200', 'Mon, 05 Jan 2026 10:00:00 +0100', 'Mon, 5 Jan 2026 10:00:00 GMT'])(
    'are nothing else: %s',
    (text) => expect(httpDate(text)).toBeUndefined(),
  );
});
