import { expect, test } from 'vitest';
import { readSinger } from '../support/singer.ts';

const SCHEMA = {
  type: 'SCHEMA',
  stream: 'invoices',
  schema: {
    type: 'object',
    properties: {
      id: { type: 'string' },
      updated_at: { type: ['string', 'null'], format: 'date-time' },
      total: { type: ['number', 'null'] },
      lines: { type: 'array', items: { type: 'object', properties: { amount: { type: 'integer' } } } },
    },
    required: ['id'],
    additionalProperties: false,
  },
  key_properties: ['id'],
  bookmark_properties: ['updated_at'],
};
const RECORD = { type: 'RECORD', stream: 'invoices', record: { id: '1' }, time_extracted: '2026-01-05T12:00:00.000Z' };
const STATE = { type: 'STATE', value: { bookmarks: {} } };
const written = (...messages: unknown[]) => messages.map((message) => `${JSON.stringify(message)}\n`).join('');
const recordOf = (record: unknown) => ({ ...RECORD, record });

/** The example of the specification, as it stands there. */
const EXAMPLE = `{"type": "SCHEMA", "stream": "users", "key_properties": ["id"], "schema": {"required": ["id"], "type": "object", "properties": {"id": {"type": "integer"}}}}
{"type": "RECORD", "stream": "users", "record": {"id": 1, "name": "Chris"}}
{"type": "RECORD", "stream": "users", "record": {"id": 2, "name": "Mike"}}
{"type": "SCHEMA", "stream": "locations", "key_properties": ["id"], "schema": {"required": ["id"], "type": "object", "properties": {"id": {"type": "integer"}}}}
{"type": "RECORD", "stream": "locations", "record": {"id": 1, "name": "Philadelphia"}}
{"type": "STATE", "value": {"users": 2, "locations": 1}}
`;

test('what the specification gives as an example is taken', () => {
  const { streams, states } = readSinger(EXAMPLE);
  expect([...streams].map(([name, { records }]) => [name, records.length])).toEqual([
    ['users', 2],
    ['locations', 1],
  ]);
  expect(states).toEqual([{ users: 2, locations: 1 }]);
});

test('a right stream is taken: several states, nothing but a schema, a record that uses all of it', () => {
  const full = { id: '2', updated_at: '2026-01-05T12:00:00-08:00', total: 1.5, lines: [{ amount: 1 }] };
  const read = readSinger(written(SCHEMA, STATE, RECORD, STATE, recordOf(full), STATE));
  expect(read.streams.get('invoices')?.records).toEqual([{ id: '1' }, full]);
  expect(read.states).toHaveLength(3);
  expect(readSinger(written(SCHEMA)).states).toEqual([]);
  expect(readSinger(written(SCHEMA, recordOf({ id: '1', updated_at: null, total: null }), STATE))).toBeDefined();
});

const without = (member: string) => Object.fromEntries(Object.entries(SCHEMA).filter(([name]) => name !== member));
const withSchema = (schema: object) => ({ ...SCHEMA, schema: { ...SCHEMA.schema, ...schema } });

test.each([
  ['nothing at all', '', 'the last line is not ended'],
  ['a last line that is not ended', written(SCHEMA).trimEnd(), 'the last line is not ended'],
  ['an empty line', `${written(SCHEMA)}\n`, 'line 2: it is no JSON object'],
  ['a progress line among the messages', `${written(SCHEMA)}read 3 pages\n`, 'line 2: it is no JSON object'],
  ['a list as a message', '[]\n', 'line 1: it is no JSON object'],
  ['a type that is none', written({ ...SCHEMA, type: 'METRIC' }), 'there is no type "METRIC"'],
  ['a type in small letters', written({ ...SCHEMA, type: 'schema' }), 'there is no type "schema"'],
  [
    'a record before its schema',
    written(RECORD, SCHEMA, STATE),
    'line 1: a RECORD of invoices comes before its SCHEMA',
  ],
  ['a record of another stream', written(SCHEMA, { ...RECORD, stream: 'bills' }, STATE), 'RECORD of bills'],
  ['a record without a stream', written(SCHEMA, { ...RECORD, stream: undefined }, STATE), 'stream is no text'],
  ['a record that is none', written(SCHEMA, recordOf([]), STATE), 'record is no object'],
  ['a schema without a stream', written(without('stream')), 'stream is no text'],
  ['a schema without a schema', written(without('schema')), 'schema is no object'],
  ['a schema of no object', written(withSchema({ type: 'array' })), 'must be of type object'],
  ['no key properties', written(without('key_properties')), 'key_properties is no list'],
  ['empty key properties', written({ ...SCHEMA, key_properties: [] }), 'key_properties is empty'],
  ['a number as key property', written({ ...SCHEMA, key_properties: [1] }), '1 of key_properties is not in the schema'],
  ['an unknown key property', written({ ...SCHEMA, key_properties: ['Id'] }), '"Id" of key_properties'],
  ['an unknown bookmark', written({ ...SCHEMA, bookmark_properties: ['at'] }), '"at" of bookmark_properties'],
  ['a bookmark that is no list', written({ ...SCHEMA, bookmark_properties: 'id' }), 'bookmark_properties is no list'],
  [
    'an unknown type in a schema',
    written(withSchema({ properties: { id: { type: 'text' } } })),
    '/properties/id/type must be',
  ],
  ['an unknown keyword in a schema', written(withSchema({ minProperty: 1 })), 'unknown keyword: "minProperty"'],
  [
    'an unknown format',
    written(withSchema({ properties: { id: { type: 'string', format: 'time' } } })),
    'unknown format "time"',
  ],
  ['a record without its key', written(SCHEMA, recordOf({ total: 1 }), STATE), 'the record has no id, which is a key'],
  ['a record with null as key', written(SCHEMA, recordOf({ id: null }), STATE), 'the record has no id, which is a key'],
  ['a value of another type', written(SCHEMA, recordOf({ id: 1 }), STATE), '/id must be string'],
  ['a total as text', written(SCHEMA, recordOf({ id: '1', total: '1' }), STATE), '/total must be number,null'],
  [
    'a time that is none',
    written(SCHEMA, recordOf({ id: '1', updated_at: 'today' }), STATE),
    '/updated_at must match format "date-time"',
  ],
  [
    'a day that is not',
    written(SCHEMA, recordOf({ id: '1', updated_at: '2026-02-30T00:00:00Z' }), STATE),
    '/updated_at must match format',
  ],
  [
    'a time without its zone',
    written(SCHEMA, recordOf({ id: '1', updated_at: '2026-02-03T00:00:00' }), STATE),
    '/updated_at must match format',
  ],
  [
    'a member that is not described',
    written(SCHEMA, recordOf({ id: '1', memo: '' }), STATE),
    'must NOT have additional properties {"additionalProperty":"memo"}',
  ],
  [
    'a wrong item of a list',
    written(SCHEMA, recordOf({ id: '1', lines: [{ amount: 0.5 }] }), STATE),
    '/lines/0/amount must be integer',
  ],
  ['a wrong time of extraction', written(SCHEMA, { ...RECORD, time_extracted: 1767614400 }, STATE), 'time_extracted'],
  ['no state behind the last record', written(SCHEMA, STATE, RECORD), 'line 3: no STATE follows the last RECORD'],
  ['a state without a value', written(SCHEMA, { type: 'STATE' }), 'value is no object'],
  ['a state that is a number', written(SCHEMA, { type: 'STATE', value: 3 }), 'value is no object'],
])('%s is refused', (_, text, why) => {
  expect(() => readSinger(text)).toThrow(why);
});
