import { describe, expect, test } from 'vitest';
import { pageSteps } from './page-steps.ts';
import { differenceOf } from './same-output.ts';

describe('shown and real output are the same', () => {
  test.each([
    [
      'times, spans, ids and ports apart',
      ['at 2026-01-05T10:00:00Z in 1h, 127.0.0.1:41651'],
      ['at 2026-11-28T01:02:03.004Z in 59m 59s, 127.0.0.1:40001'],
    ],
    ['widths of columns apart', ['A    B', '1    2'], ['A  B', '1  2']],
    ['what is cut out apart', ['first', '…', 'last'], ['first', 'x', 'y', 'last']],
    ['what is cut out of a line apart', ['to http://…'], ['to http://127.0.0.1:4680/x']],
  ])('%s', (_, shown, real) => expect(differenceOf(shown, real)).toBeUndefined());

  test.each([
    ['another count', ['120 records'], ['119 records']],
    ['a line too many', ['a'], ['a', 'b']],
    ['a line too few', ['a', 'b'], ['a']],
    ['another word after what is cut out', ['…', 'last'], ['x', 'y']],
    ['another end of a line', ['to http://… now'], ['to http://x later']],
  ])('and differ by %s', (_, shown, real) => expect(differenceOf(shown, real)).toContain('the page shows'));
});

test('a page is read as its reader would', () => {
  const page = [
    '<!-- beside -->',
    '```console',
    '$ lwi mock',
    'up',
    '```',
    '```sh',
    'a \\',
    '  b',
    'c',
    '```',
    '<!-- shown only: why -->',
    '```sh',
    'd',
    '```',
  ];
  expect(pageSteps(page.join('\n'))).toEqual([
    { kind: 'command', line: 3, command: 'lwi mock', shown: ['up'], beside: true },
    { kind: 'command', line: 7, command: 'a \\\n  b', shown: undefined, beside: false },
    { kind: 'command', line: 9, command: 'c', shown: undefined, beside: false },
    { kind: 'shown-only', line: 12, why: 'why' },
  ]);
});
