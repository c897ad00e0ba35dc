import { expect, test } from 'vitest';
import { parseStatement, QueryParseError } from '../../src/mock/quickbooks/query-statement.ts';

test('a statement with every clause is read in any case and spacing', () => {
  const statement =
    "select * FROM Customer where MetaData.LastUpdatedTime>='2026-01-01T00:00:00-08:00' AND Active IN (true, false) " +
    'OrderBy MetaData.LastUpdatedTime desc startposition 11 MAXRESULTS 50';
  expect(parseStatement(statement)).toEqual({
    entity: 'Customer',
    counts: false,
    conditions: [
      { property: 'MetaData.LastUpdatedTime', operator: '>=', values: ['2026-01-01T00:00:00-08:00'] },
      { property: 'Active', operator: 'in', values: ['true', 'false'] },
    ],
    orderBy: { property: 'MetaData.LastUpdatedTime', descending: true },
    startPosition: 11,
    maxResults: 50,
  });
});

test('a count, the defaults, escaped quotes and ORDER BY as two words', () => {
  expect(parseStatement("SELECT count(*) FROM Vendor WHERE DisplayName = 'O\\'Hare' ORDER BY Id ASC")).toEqual({
    entity: 'Vendor',
    counts: true,
    conditions: [{ property: 'DisplayName', operator: '=', values: ["O'Hare"] }],
    orderBy: { property: 'Id', descending: false },
    startPosition: 1,
    maxResults: 100,
  });
});

test.each([
  ['nothing', ''],
  ['no FROM', 'select *'],
  ['OR', "select * from Invoice where Id = '1' or Id = '2'"],
  ['an open quote', "select * from Invoice where Id = '1"],
  ['words after the end', 'select * from Invoice maxresults 1 please'],
  ['a text as a number', "select * from Invoice startposition '1'"],
  ['an empty list', 'select * from Customer where Active in ()'],
])('a statement with %s cannot be parsed', (_what, statement) => {
  expect(() => parseStatement(statement)).toThrow(QueryParseError);
});
