import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mayBeJson } from '../../src/http/json-shape.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('the shape of JSON', () => {
  test('is seen in every JSON, whatever blanks and mark are around it', () => {
    const blanks = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r'), maxLength: 4 });
    fc.assert(
      fc.property(fc.jsonValue(), fc.boolean(), blanks, blanks, (value, mark, before, after) => {
        const text = `${mark ? '\ufeff' : ''}${before}${JSON.stringify(value)}${after}`;
        expect(mayBeJson(bytes(text))).toBe(true);
      }),
    );
  });

  test.each([
    ['nothing', ''],
    ['blanks', ' \n'],
    ['a page', '<!DOCTYPE html><html></html>'],
    ['words', 'Service Unavailable'],
    ['half an object', '{"data":[{"id":1},{"i'],
    ['half a list', '[1,2'],
    ['the end alone', '}'],
    ['the beginning alone', '{'],
  ])('is not seen in %s', (_name, text) => expect(mayBeJson(bytes(text))).toBe(false));
});
