import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HttpRequest } from '../../src/http/http.ts';
import { resolveStaleToken } from '../../src/providers/quickbooks/stale-token.ts';

const AT = 'https://quickbooks.api.intuit.com/v3/company/9130000000000001/invoice';
const SPARSE =
  '{ "Id": "145",\n  "SyncToken" : "3", "sparse": true, "PrivateNote": "LD-4411", "Big": 12345678901234567890 }';

const request = (body: string | Uint8Array, url = `${AT}?minorversion=75`, method = 'POST'): HttpRequest => ({
  method,
  url,
  headers: { accept: 'application/json', 'content-type': 'application/json' },
  body,
});
const record = (SyncToken: unknown, Id = '145') => ({ Invoice: { Id, SyncToken, PrivateNote: 'x' }, time: 't' });

describe('a sparse update with a stale token', () => {
  test('asks for the record', () => {
    expect(resolveStaleToken(request(SPARSE), '5010')?.fetch).toEqual({
      method: 'GET',
      url: `${AT}/145?minorversion=75`,
      headers: { accept: 'application/json' },
    });
  });

  test('is the same bytes with the token of now', () => {
    for (const body of [SPARSE, new TextEncoder().encode(SPARSE)]) {
      expect(resolveStaleToken(request(body), '5010')?.merge(record('7'))).toEqual(
        request(SPARSE.replace('"SyncToken" : "3"', '"SyncToken":"7"')),
      );
    }
  });

  test('gets another requestid, because under the old one the old answer would come back', () => {
    const old = '0f8fad5b-d9cb-469f-a165-70867728950e';
    const merged = resolveStaleToken(request(SPARSE, `${AT}?requestid=${old}&minorversion=75`), '5010')?.merge(
      record('12'),
    );
    expect(merged?.url).toBe(`${AT}?requestid=${old}-12&minorversion=75`);
    const long = resolveStaleToken(request(SPARSE, `${AT}?requestid=${'x'.repeat(50)}`), '5010')?.merge(record('12'));
    expect(new URL(long?.url ?? '').searchParams.get('requestid')).toBe(`${'x'.repeat(47)}-12`);
  });

  test.each([
    ['the record of another id', record('7', '146')],
    ['no record', {}],
    ['a token that is none', record('"}')],
    ['the same token', record('3')],
    ['no JSON', undefined],
  ])('is given up when the answer holds %s', (_name, body) => {
    const stale = request('{"Id":"145","SyncToken":"3","sparse":true}');
    expect(resolveStaleToken(stale, '5010')?.merge(body)).toBeUndefined();
  });
});

describe('what is never merged, because it would take back a change of somebody else', () => {
  test.each([
    ['a full update', request(SPARSE.replace('true', 'false'))],
    ['an update that does not say that it is sparse', request('{"Id":"145","SyncToken":"3","PrivateNote":"x"}')],
    ['a list, which replaces the whole list', request('{"Id":"145","SyncToken":"3","sparse":true,"Line":[]}')],
    ['a list further in', request('{"Id":"145","SyncToken":"3","sparse":true,"TxnTaxDetail":{"TaxLine":[]}}')],
    ['a deletion', request(SPARSE, `${AT}?operation=delete`)],
    ['a void', request(SPARSE, `${AT}?operation=void&minorversion=75`)],
    ['a batch', request('{"BatchItemRequest":[]}', AT.replace('invoice', 'batch'))],
    ['a path that is no record', request(SPARSE, `${AT}/145`)],
    ['two tokens', request('{"Id":"145","SyncToken":"3","sparse":true,"A":{"SyncToken":"1"}}')],
    ['no id', request('{"SyncToken":"3","sparse":true}')],
    ['no JSON', request(`${SPARSE}}`)],
    ['another method', request(SPARSE, AT, 'PUT')],
  ])('%s', (_name, stale) => expect(resolveStaleToken(stale, '5010')).toBeUndefined());

  test('another conflict', () => {
    expect(resolveStaleToken(request(SPARSE), '6240')).toBeUndefined();
    expect(resolveStaleToken(request(SPARSE), undefined)).toBeUndefined();
  });
});

test('whatever plain fields are named, they and no others arrive', () => {
  const scalar = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom('"SyncToken":"1"', '$&'),
  );
  const fields = fc.dictionary(fc.stringMatching(/^[A-Z][a-z]{1,8}$/), scalar);
  fc.assert(
    fc.property(fields, fc.nat(), fc.nat(), (named, stale, fresh) => {
      fc.pre(stale !== fresh);
      const update = { ...named, Id: '145', SyncToken: String(stale), sparse: true };
      const resolution = resolveStaleToken(request(JSON.stringify(update)), '5010');
      const merged = resolution?.merge(record(String(fresh)));
      expect(JSON.parse(String(merged?.body))).toEqual({ ...update, SyncToken: String(fresh) });
    }),
  );
});
