import { describe, expect, test } from 'vitest';
import { LwiError } from '../../src/errors.ts';
import { CAPTURE_LIMIT, readCapture } from '../../src/webhooks/capture.ts';

const text = (value: string) => Buffer.from(value, 'latin1');
const json = (value: unknown) => Buffer.from(JSON.stringify(value));

function read(bytes: Uint8Array) {
  const { body, ...rest } = readCapture(bytes);
  return { ...rest, body: Buffer.from(body).toString('latin1') };
}

describe('fixtures', () => {
  test('every member', () => {
    const fixture = {
      provider: 'slack',
      method: 'POST',
      path: '/webhooks/slack?a=1',
      headers: { 'X-Slack-Signature': 'v0=1', 'X-Twice': ['a', 'b'] },
      body: '{}',
      receivedAt: '2026-01-05T10:00:00+01:00',
      note: 'left alone',
    };
    expect(read(json(fixture))).toEqual({
      provider: 'slack',
      method: 'POST',
      path: '/webhooks/slack?a=1',
      headers: { 'X-Slack-Signature': 'v0=1', 'X-Twice': ['a', 'b'] },
      body: '{}',
      receivedAt: Date.UTC(2026, 0, 5, 9),
    });
  });

  test('only a body: a POST to /', () => {
    expect(read(json({ body: '' }))).toEqual({ method: 'POST', path: '/', headers: {}, body: '' });
  });

  test('text is its UTF-8 bytes', () => {
    expect(readCapture(json({ body: 'ü€😀' })).body).toEqual(Buffer.from('ü€😀', 'utf8'));
  });

  test('bytes as base64', () => {
    expect(readCapture(json({ bodyBase64: '/wD+' })).body).toEqual(Buffer.from([0xff, 0x00, 0xfe]));
  });

  test('a byte order mark and blanks in front are passed over', () => {
    const bytes = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from('\n {"body":"x"}')]);
    expect(read(bytes).body).toBe('x');
  });

  const bad: readonly [string, Uint8Array, string][] = [
    ['JSON cut off', text('{"body":'), 'the JSON does not parse'],
    ['JSON in Latin-1', text('{"body":"\xfc"}'), 'the JSON is not UTF-8'],
    ['no body', json({ headers: {} }), 'one of body and bodyBase64 is needed'],
    ['two bodies', json({ body: '', bodyBase64: '' }), 'one of body and bodyBase64 is needed'],
    ['a parsed body', json({ body: { a: 1 } }), 'body must be the text that was sent, not parsed JSON'],
    ['half a surrogate pair', text('{"body":"\\ud83d"}'), 'body holds half of a surrogate pair: use bodyBase64'],
    ['base64 with junk', json({ bodyBase64: 'YQ =' }), 'bodyBase64 must be base64'],
    ['a header that is a number', json({ body: '', headers: { a: 1 } }), 'headers.a must be text, or a list of texts'],
    ['headers as a list', json({ body: '', headers: [] }), 'headers must be an object'],
    ['a method that is a number', json({ body: '', method: 1 }), 'method must be text'],
    [
      'a time without a zone',
      json({ body: '', receivedAt: '2026-01-05T10:00:00' }),
      'receivedAt must be an ISO-8601 time with a zone, or epoch milliseconds',
    ],
  ];
  for (const [name, bytes, what] of bad) test(`${name} is refused`, () => refused(bytes, what));
});

describe('raw requests', () => {
  const head = 'POST /hook?x=1 HTTP/1.1\r\nHost: h.example\r\nX-Sig:  abc \r\n';

  test('CRLF lines and a Content-Length', () => {
    expect(read(text(`${head}Content-Length: 7\r\n\r\n{"a":1}`))).toEqual({
      method: 'POST',
      path: '/hook?x=1',
      headers: { Host: 'h.example', 'X-Sig': 'abc', 'Content-Length': '7' },
      body: '{"a":1}',
    });
  });

  test('LF lines, empty lines in front, no length: all that follows is the body', () => {
    expect(read(text('\nPUT / HTTP/1.0\nA: b\n\n{"a":1}\n'))).toEqual({
      method: 'PUT',
      path: '/',
      headers: { A: 'b' },
      body: '{"a":1}\n',
    });
  });

  test('a header that comes several times keeps all its values under its first spelling', () => {
    expect(read(text('POST / HTTP/1.1\r\nX-A: 1\r\nx-a: 2\r\nB: \r\n\r\n')).headers).toEqual({
      'X-A': ['1', '2'],
      B: '',
    });
  });

  test('a line break that an editor left behind the body is no part of it', () => {
    expect(read(text(`${head}Content-Length: 2\r\n\r\n{}\n`)).body).toBe('{}');
  });

  test('bytes of the body stay as they are', () => {
    const body = Buffer.from([0xff, 0x0d, 0x0a, 0x00]);
    expect(readCapture(Buffer.concat([text(`${head}\r\n`), body])).body).toEqual(body);
  });

  test('chunks are joined, extensions and trailers dropped', () => {
    const chunks = '4\r\n{"a"\r\n3;ext=1\r\n:1}\r\n0\r\nX-Trailer: 1\r\n\r\n';
    expect(read(text(`${head}Transfer-Encoding: Chunked\r\n\r\n${chunks}`)).body).toBe('{"a":1}');
  });

  test('chunks with LF line ends', () => {
    expect(read(text('POST / HTTP/1.1\ntransfer-encoding: chunked\n\n2\nab\n1\nc\n0\n\n')).body).toBe('abc');
  });

  test('an absolute target is its path', () => {
    expect(read(text('POST https://h.example/a?b=1 HTTP/1.1\r\n\r\n')).path).toBe('/a?b=1');
    expect(read(text('POST http://h.example?b=1 HTTP/1.1\r\n\r\n')).path).toBe('/?b=1');
  });

  const bad: readonly [string, string, string][] = [
    ['nothing', '', 'empty'],
    ['blanks only', ' \n', 'empty'],
    ['no headers’ end', 'POST / HTTP/1.1\r\nA: b\r\n', 'the empty line behind the headers is missing'],
    ['a response', 'HTTP/1.1 200 OK\r\n\r\n', 'the first line is no HTTP/1.1 request line'],
    ['a word', 'hello\n\n', 'the first line is no HTTP/1.1 request line'],
    ['a blank in front of the colon', 'POST / HTTP/1.1\r\nA : b\r\n\r\n', 'a header line is not `name: value`'],
    ['a folded header', 'POST / HTTP/1.1\r\nA: b\r\n c\r\n\r\n', 'a header line is not `name: value`'],
    ['a header without a colon', 'POST / HTTP/1.1\r\nA\r\n\r\n', 'a header line is not `name: value`'],
    ['a target that is no path', 'OPTIONS * HTTP/1.1\r\n\r\n', 'the target of the request is neither a path nor a URL'],
    ['a body cut off', `${head}Content-Length: 9\r\n\r\n{}`, 'the body is cut off: 2 of 9 bytes are there'],
    ['a second request behind', `${head}Content-Length: 2\r\n\r\n{}GET /`, '5 bytes follow the 2 bytes of the body'],
    ['a length that is no number', `${head}Content-Length: 0x2\r\n\r\n{}`, 'Content-Length is not one number'],
    ['two lengths', `${head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`, 'Content-Length is not one number'],
    [
      'both framings',
      `${head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      'Content-Length and Transfer-Encoding exclude each other',
    ],
    [
      'a coding besides chunked',
      `${head}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
      'chunked is the only Transfer-Encoding that is read',
    ],
    [
      'a chunk size that is no hex',
      `${head}Transfer-Encoding: chunked\r\n\r\nz\r\n\r\n`,
      'a chunk size is no hex number',
    ],
    ['a chunk cut off', `${head}Transfer-Encoding: chunked\r\n\r\n9\r\nab\r\n`, 'a chunk is cut off'],
    [
      'a chunk too long',
      `${head}Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n`,
      'a chunk is longer than its size says',
    ],
    ['no last chunk', `${head}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n`, 'the last chunk is missing'],
  ];
  for (const [name, request, what] of bad) test(`${name} is refused`, () => refused(text(request), what));

  test('an input beyond the limit is refused', () => {
    refused(Buffer.alloc(CAPTURE_LIMIT + 1, 0x61), `larger than ${CAPTURE_LIMIT} bytes`);
  });
});

function refused(bytes: Uint8Array, what: string): void {
  expect(() => readCapture(bytes)).toThrow(
    new LwiError('INPUT_INVALID', `not a webhook fixture or HTTP request: ${what}`, {
      hint: 'Give a fixture {provider, method, path, headers, body} in JSON, or a raw HTTP/1.1 request.',
    }),
  );
}
