import { expect, test } from 'vitest';
import { headerBag } from '../../commands/shared/header-lines.ts';
import { collectHeaders } from '../../src/webhooks/collect-headers.ts';
import { deliveryHeaders } from '../../src/webhooks/delivery.ts';
import { headerValues } from '../../src/webhooks/headers.ts';

const PAIRS = [
  ...[
    ['X-A', '1'],
    ['Once', 'x'],
    ['x-a', '2'],
    ['X-a', '3'],
  ],
  ...[
    ['__proto__', 'p'],
    ['Constructor', 'c'],
  ],
] as const;

test('a header that came several times has several values, whatever its spelling, joined where one text is wanted', () => {
  const { bag, joined } = deliveryHeaders(PAIRS as readonly (readonly [string, string])[]);
  expect(headerValues(bag, 'x-a')).toEqual(['1', '2', '3']);
  expect([joined['x-a'], joined['once']]).toEqual(['1, 2, 3', 'x']);
  expect(['once', '__proto__', 'constructor', 'toString', 'none'].map((name) => headerValues(bag, name))).toEqual([
    ...[['x'], ['p'], ['c']],
    ...[[], []],
  ]);
});

test('a bag in any spelling gives the same', () => {
  expect(headerValues({ 'X-A': '1', 'x-a': ['2', '3'], other: 'x' }, 'x-a')).toEqual(['1', '2', '3']);
});

test('a fixture and -H keep headers under any name', () => {
  const pairs = [...PAIRS, ['__proto__', 'q'], ['constructor', 'd']] as [string, string][];
  expect(JSON.stringify(collectHeaders(pairs))).toBe(
    '{"X-A":"1","Once":"x","x-a":"2","X-a":"3","__proto__":["p","q"],"Constructor":"c","constructor":"d"}',
  );
  expect(Object.entries(headerBag(['Constructor: c', '__proto__: p', 'constructor: d']))).toEqual([
    ...[
      ['constructor', ['c', 'd']],
      ['__proto__', 'p'],
    ],
  ]);
});
