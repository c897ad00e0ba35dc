import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LwiError } from '../../src/errors.ts';
import { CAPTURE_LIMIT } from '../../src/webhooks/capture.ts';
import { captureReader } from '../../src/webhooks/capture-reader.ts';

/** What an input gives when it comes in these pieces: line and body, or line and what is wrong. */
function found(pieces: readonly (string | Uint8Array)[], lines = false): string[] {
  const reader = captureReader(lines);
  const all = [];
  // Text is taken at once, because what is found may lie in the memory of its piece.
  for (const piece of pieces) for (const each of reader.push(Buffer.from(piece))) all.push(told(each));
  for (const each of reader.end()) all.push(told(each));
  return all;
}

type Each = ReturnType<ReturnType<typeof captureReader>['end']> extends Iterable<infer T> ? T : never;
function told({ line, capture }: Each): string {
  const what = capture instanceof LwiError ? capture.message.split(': ')[1] : Buffer.from(capture.body).toString();
  return line === undefined ? `${what}` : `${line} ${what}`;
}

const line = (body: string) => JSON.stringify({ headers: {}, body });

describe('what an input is', () => {
  const cases: readonly [name: string, text: string, found: string[]][] = [
    ['one fixture', line('a'), ['a']],
    ['one fixture and a line break', `${line('a')}\n`, ['a']],
    ['one fixture over many lines', JSON.stringify({ headers: {}, body: 'a' }, null, 2), ['a']],
    ['a raw request', 'POST / HTTP/1.1\r\nhost: a\r\n\r\n{"a":1}\n{"b":2}', ['{"a":1}\n{"b":2}']],
    ['two fixtures', `${line('a')}\n${line('b')}`, ['1 a', '2 b']],
    ['blank lines and line ends of Windows', `\n${line('a')}\r\n \r\n${line('b')}\r\n\n`, ['2 a', '4 b']],
    ['a byte order mark in front', `\ufeff${line('a')}\n${line('b')}\n`, ['1 a', '2 b']],
    ['a first line that does not parse', `{"body":\n${line('b')}\n`, ['1 the JSON does not parse', '2 b']],
    [
      'a later line that does not parse',
      `${line('a')}\n{"body"\nnot JSON\n[]\n${line('c')}`,
      ['1 a', '2 the JSON does not parse', '3 the line is no JSON object', '4 the line is no JSON object', '5 c'],
    ],
    ['a line without a body', `${line('a')}\n{}\n`, ['1 a', '2 one of body and bodyBase64 is needed']],
    ['nothing', '', ['empty']],
    ['only blanks', ' \n \n', ['empty']],
  ];
  test.each(cases)('%s', (_, text, expected) => {
    expect(found([text])).toEqual(expected);
    expect(found([...Buffer.from(text)].map((byte) => Uint8Array.of(byte)))).toEqual(expected);
  });

  test('an input that is known to be lines is, also with one or none', () => {
    expect(found([line('a')], true)).toEqual(['1 a']);
    expect(found(['POST / HTTP/1.1\n'], true)).toEqual(['1 the line is no JSON object']);
    expect(found(['\n'], true)).toEqual(['empty']);
  });
});

test('where it is cut into pieces makes no difference', () => {
  const bodies = fc.array(
    fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => text.isWellFormed()),
    {
      minLength: 2,
      maxLength: 8,
    },
  );
  fc.assert(
    fc.property(bodies, fc.array(fc.nat(400), { maxLength: 6 }), (texts, cuts) => {
      const bytes = Buffer.from(texts.map((text) => `${line(text)}\n`).join(''));
      const edges = [0, ...cuts.map((cut) => cut % bytes.length).toSorted((a, b) => a - b), bytes.length];
      const pieces = edges.slice(1).map((edge, at) => bytes.subarray(edges[at], edge));
      expect(found(pieces)).toEqual(texts.map((text, at) => `${at + 1} ${text}`));
    }),
  );
});

test('what is too large is told, and the next line is read all the same', () => {
  const piece = Buffer.alloc(4 * 1024 * 1024, 'x');
  const pieces = Array.from({ length: CAPTURE_LIMIT / piece.length + 1 }, () => piece);
  expect(found(pieces)).toEqual([`larger than ${CAPTURE_LIMIT} bytes`]);
  expect(found([`${line('a')}\n`, ...pieces, `\n${line('c')}`], true)).toEqual([
    '1 a',
    `2 a line larger than ${CAPTURE_LIMIT} bytes`,
    '3 c',
  ]);
  expect(found([`${line('a')}\n`, ...pieces], true)).toEqual(['1 a', `2 a line larger than ${CAPTURE_LIMIT} bytes`]);
});
