import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDictionary, parseList } from '../../src/http/structured-field.ts';

/** What a parsed value is, as plain data: parameters as pairs, bytes as text. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, each) => {
      if (each instanceof Map) return [...each];
      return each instanceof Uint8Array ? Buffer.from(each).toString('latin1') : each;
    }) ?? 'null',
  );

const item = (type: string, value: unknown, parameters: unknown[] = []) => ({ bare: { type, value }, parameters });

describe('a list of a structured field (RFC 9651)', () => {
  it.each([
    ['nothing', '', []],
    ['integers', '1, -42,  0', [item('integer', 1), item('integer', -42), item('integer', 0)]],
    ['the largest integer', '999999999999999', [item('integer', 999_999_999_999_999)]],
    ['decimals', '1.5,-0.125', [item('decimal', 1.5), item('decimal', -0.125)]],
    [
      'strings with commas, semicolons, quotes and backslashes in them',
      '"a, b;c", "say \\"hi\\" \\\\"',
      [item('string', 'a, b;c'), item('string', 'say "hi" \\')],
    ],
    ['tokens', 'quota, *a/b:c', [item('token', 'quota'), item('token', '*a/b:c')]],
    ['bytes, with and without padding', ':aGk=:, :aGk:', [item('bytes', 'hi'), item('bytes', 'hi')]],
    ['booleans', '?1, ?0', [item('boolean', true), item('boolean', false)]],
    ['dates', '@1767607200', [item('date', 1_767_607_200)]],
    ['display strings', '%"f%c3%bc%c3%bc"', [item('display', 'füü')]],
    [
      'parameters, of which one has no value and one comes twice',
      'a;b; c=2;b="x"',
      [
        item('token', 'a', [
          ['b', { type: 'string', value: 'x' }],
          ['c', { type: 'integer', value: 2 }],
        ]),
      ],
    ],
    [
      'inner lists',
      '("a" "b";x);y, ()',
      [
        {
          items: [item('string', 'a'), item('string', 'b', [['x', { type: 'boolean', value: true }]])],
          parameters: [['y', { type: 'boolean', value: true }]],
        },
        { items: [], parameters: [] },
      ],
    ],
    ['tabs and blanks around commas', 'a\t ,\t b ', [item('token', 'a'), item('token', 'b')]],
  ])('has %s', (_, text, expected) => expect(plain(parseList(text))).toEqual(expected));

  it.each([
    ...['1,', ',1', '1,,2', '1 2', 'a;', 'a;B=1', 'a;b=', 'a ;b', '\t1'],
    ...[
      '"open',
      '"tab\t"',
      '"\\n"',
      '"é"',
      '1000000000000000',
      '1.',
      '1.2345',
      '1234567890123.1',
      '-',
      '--1',
      '+1',
      '1e3',
    ],
    ...[':a b:', ':abc', '?2', '@1.5', '@', '%"%C3"', '%"%c3"', '%"', '(a', '(a,b)', '(a"b")', '("a""b")', 'é'],
  ])('is refused as a whole: %j', (text) => expect(parseList(text)).toBeUndefined());
});

describe('a dictionary of a structured field (RFC 9651)', () => {
  it.each([
    ['the last of two members with one key', 'a=1, b, a=2', { a: item('integer', 2), b: item('boolean', true) }],
    [
      'members with parameters',
      'a=x;y=1, b;z',
      {
        a: item('token', 'x', [['y', { type: 'integer', value: 1 }]]),
        b: item('boolean', true, [['z', { type: 'boolean', value: true }]]),
      },
    ],
    ['inner lists', 'a=(1 2)', { a: { items: [item('integer', 1), item('integer', 2)], parameters: [] } }],
  ])('has %s', (_, text, expected) => {
    const members = parseDictionary(text);
    expect(members && plain(Object.fromEntries(members))).toEqual(expected);
  });

  it.each(['A=1', 'a=', 'a=1,', '1=a', 'a==1'])('is refused as a whole: %j', (text) =>
    expect(parseDictionary(text)).toBeUndefined(),
  );
});

const text = fc.string({
  unit: fc.constantFrom(...Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at))),
});
const key = fc.stringMatching(/^[a-z*][a-z0-9_.*-]{0,8}$/);
const quoted = text.map((value) => ({
  written: `"${value.replace(/(["\\])/g, '\\$1')}"`,
  read: { type: 'string', value },
}));
const bare = fc.oneof(
  quoted,
  fc.integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 }).map((value) => ({
    written: String(value),
    read: { type: 'integer', value: value === 0 ? 0 : value },
  })),
  fc.uint8Array({ maxLength: 12 }).map((bytes) => ({
    written: `:${Buffer.from(bytes).toString('base64')}:`,
    read: { type: 'bytes', value: Buffer.from(bytes).toString('latin1') },
  })),
  fc.boolean().map((value) => ({ written: value ? '?1' : '?0', read: { type: 'boolean', value } })),
);

it('what is written as a list of items is read as that list', () => {
  const member = fc.tuple(bare, fc.uniqueArray(fc.tuple(key, bare), { selector: ([name]) => name, maxLength: 3 }));
  fc.assert(
    fc.property(fc.array(member, { maxLength: 6 }), (members) => {
      const written = members.map(([head, parameters]) =>
        [head.written, ...parameters.map(([name, value]) => `${name}=${value.written}`)].join(';'),
      );
      const read = members.map(([head, parameters]) => ({
        bare: head.read,
        parameters: parameters.map(([name, value]) => [name, value.read]),
      }));
      expect(plain(parseList(written.join(', ')))).toEqual(read);
    }),
  );
});
