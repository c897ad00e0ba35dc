import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Column, renderPairs, renderTable } from '../src/table.ts';

interface Row {
  readonly name: string;
  readonly count: string;
}

const COLUMNS: readonly Column<Row>[] = [
  { heading: 'name', cell: ({ name }) => name },
  { heading: 'count', cell: ({ count }) => count, align: 'right' },
];

const ROWS: readonly Row[] = [
  { name: 'invoices', count: '7' },
  { name: 'bills', count: '1234567' },
];

const red = (text: string) => `\u001b[31m${text}\u001b[39m`;

describe('a table', () => {
  it('has a line for the headings and one for each row, aligned', () => {
    expect(renderTable(COLUMNS, ROWS, 80)).toEqual([
      'NAME        COUNT', //
      'invoices        7',
      'bills     1234567',
    ]);
  });

  it('is aligned by what is seen: colours take no room, wide letters two places', () => {
    const rows = [
      { name: red('bad'), count: '1' },
      { name: '東京', count: '2' },
      { name: 'é', count: '3' },
    ];
    expect(renderTable(COLUMNS, rows, 80).map(stripVTControlCharacters)).toEqual([
      'NAME  COUNT',
      'bad       1',
      '東京      2',
      'é         3',
    ]);
  });

  it('becomes one block a row where it is too wide, so that nothing is cut off', () => {
    expect(renderTable(COLUMNS, ROWS, 16)).toEqual([
      'name   invoices',
      'count  7',
      '',
      'name   bills',
      'count  1234567',
    ]);
    expect(renderTable(COLUMNS, ROWS, 17)).toHaveLength(3);
  });

  describe('that is too wide', () => {
    const columns: readonly Column<Row>[] = [
      { heading: 'name', cell: ({ name }) => name, least: 4 },
      { heading: 'count', cell: ({ count }) => count, spare: 1 },
    ];
    const rows = [
      { name: red('Laneweaver'), count: '1' },
      { name: '東京京', count: '2' },
    ];

    it('cuts cells that may be cut, by what is seen, no further than it must', () => {
      expect(renderTable(columns, rows, 14)).toEqual(['NAME     COUNT', 'Lanewe…  1', '東京京   2']);
      expect(renderTable(columns, rows, 12)).toEqual(['NAME   COUNT', 'Lane…  1', '東京…  2']);
    });

    it('then leaves columns out and says which, and is whole blocks when that is not enough', () => {
      const narrow = renderTable(columns, rows, 10).map(stripVTControlCharacters);
      const told = '(no room for count: a wider terminal or --json shows more)';
      expect(narrow).toEqual(['NAME', 'Laneweaver', '東京京', told]);
      // With `count` gone there is room for `n` again.
      const three: readonly Column<Row>[] = [
        { heading: 'name', cell: ({ name }) => name },
        { heading: 'count', cell: ({ count }) => count, spare: 2 },
        { heading: 'n', cell: () => '1', spare: 1 },
      ];
      expect(renderTable(three, rows, 13)[0]).toBe('NAME        N');
      expect(renderTable(columns, rows, 3).map(stripVTControlCharacters)[0]).toBe('name   Laneweaver');
    });
  });

  it('leaves out columns that say nothing', () => {
    expect(renderTable(COLUMNS, [{ name: 'bills', count: '' }], 80)).toEqual(['NAME', 'bills']);
  });

  it('is one line a row and no wider than it may be, or all blocks', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'é', '東', ' ', '-'), maxLength: 30 });
    const rows = fc.array(fc.record({ name: cell, count: cell }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 80 }), (all, width) => {
        const lines = renderTable(COLUMNS, all, width);
        const wide = (text: string) => [...text].reduce((sum, letter) => sum + (letter === '東' ? 2 : 1), 0);
        // Headings are in capitals above columns, and as they are in blocks.
        const upright = /^(NAME|COUNT)\b/.test(lines[0] ?? '');
        expect(lines.some((line) => /^(NAME|COUNT)\b/.test(line))).toBe(upright);
        if (upright) for (const line of lines) expect(wide(line)).toBeLessThanOrEqual(Math.max(width, 1));
        for (const { name } of all) expect(lines.some((line) => line.includes(name.trim()))).toBe(true);
      }),
    );
  });
});

describe('pairs', () => {
  it('are aligned, and left out where there is no value', () => {
    expect(
      renderPairs([
        ['provider', 'slack'],
        ['env', ''],
        ['id', 'T1'],
      ]),
    ).toEqual(['provider  slack', 'id        T1']);
    expect(renderPairs([])).toEqual([]);
  });

  it('go on below themselves where they are too wide, between words', () => {
    const value = `${'word '.repeat(7)}${'x'.repeat(40)} end`;
    expect(renderPairs([['why', value]], 40)).toEqual([
      `why  ${'word '.repeat(7).trim()}`,
      `     ${'x'.repeat(40)}`,
      '     end',
    ]);
    expect(renderPairs([['why', value]])).toEqual([`why  ${value}`]);
  });
});
