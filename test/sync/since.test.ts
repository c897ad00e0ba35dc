import { describe, expect, it } from 'vitest';
import { parseSince } from '../../src/sync/since.ts';
import { START } from '../support/virtual-clock.ts';

const at = (iso: string) => Date.parse(iso);

describe('--since', () => {
  it.each([
    ['last', undefined],
    ['2026-01-05', at('2026-01-05T00:00:00Z')],
    ['2024-02-29', at('2024-02-29T00:00:00Z')],
    ['2026-01-05T09:30Z', at('2026-01-05T09:30:00Z')],
    ['2026-01-05T09:30:15Z', at('2026-01-05T09:30:15Z')],
    ['2026-01-05T09:30:15.25Z', at('2026-01-05T09:30:15.250Z')],
    ['2026-01-05T10:30:00+01:00', at('2026-01-05T09:30:00Z')],
    ['2026-01-04T23:30:00-05:00', at('2026-01-05T04:30:00Z')],
    ['36h', START - 129_600_000],
    ['7d', START - 604_800_000],
    ['0s', START],
    ['999999999w', 0],
    ['2026-01-05T10:00:00Z', START],
  ])('takes %s', (text, expected) => expect(parseSince(text, START)).toBe(expected));

  it.each([
    '',
    'yesterday',
    '2026',
    '2026-01',
    '2026-1-5',
    '20260105',
    '1767607200',
    '2026-02-30',
    '2025-02-29',
    '2026-13-01',
    '2026-01-05T10:00:00',
    '2026-01-05 10:00:00Z',
    '2026-01-05T25:00:00Z',
    '2026-01-05T10:00:00+25:00',
    'Last',
    '-7d',
  ])('refuses %j', (text) => {
    expect(() => parseSince(text, START)).toThrow(`not "${text}"`);
  });

  it.each(['2026-01-05T10:00:00.001Z', '2026-01-06'])('refuses %s, which lies in the future', (text) => {
    expect(() => parseSince(text, START)).toThrow(`--since ${text} lies in the future.`);
  });
});
