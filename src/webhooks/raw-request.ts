import type { Capture } from './capture.ts';
import { decodeChunked } from './chunked-body.ts';
import { malformedInput } from './malformed-input.ts';

const LF = 0x0a;
const CR = 0x0d;
/** RFC 9110, 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** RFC 9112, 3: method, target and version, one blank between them. */
const REQUEST_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) HTTP\/\d(?:\.\d)?$/;

interface Head {
  readonly lines: readonly string[];
  readonly rest: Uint8Array;
}

/**
 * Reads a request as captured (RFC 9112): request line, header lines, an empty line, the body. Lines end with CRLF or LF. The
 * body is cut by Content-Length or decoded from chunks; with neither, it is all that follows. Throws INPUT_INVALID.
 */
export function readRawRequest(bytes: Uint8Array): Capture {
  const { lines, rest } = readHead(bytes);
  const [requestLine = '', ...fields] = lines;
  const [, method = '', target = ''] = REQUEST_LINE.exec(requestLine) ?? [];
  if (method === '') throw malformedInput('the first line is no HTTP/1.1 request line');
  const headers = readFields(fields);
  return {
    method,
    path: originForm(target),
    headers: Object.fromEntries(headers.spelled),
    body: readBody(headers, rest),
  };
}

function readHead(bytes: Uint8Array): Head {
  const lines: string[] = [];
  let at = 0;
  for (;;) {
    const end = bytes.indexOf(LF, at);
    if (end === -1) throw malformedInput('the empty line behind the headers is missing');
    // Header bytes beyond ASCII have no fixed meaning (RFC 9110, 5.5); latin1 keeps each as it is.
    const line = Buffer.from(bytes.subarray(at, bytes[end - 1] === CR && end > at ? end - 1 : end)).toString('latin1');
    at = end + 1;
    if (line !== '') lines.push(line);
    // Empty lines in front of the request line are skipped (RFC 9112, 2.2).
    else if (lines.length > 0) return { lines, rest: bytes.subarray(at) };
  }
}

interface Fields {
  /** As spelled in the capture, for the result. */
  readonly spelled: ReadonlyMap<string, string | string[]>;
  /** Every value of a name in lower case. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

function readFields(lines: readonly string[]): Fields {
  const names = new Map<string, string>();
  const values = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0));
    // Also refuses folded lines and blanks in front of the colon (RFC 9112, 5.1 and 5.2).
    if (!TOKEN.test(name)) throw malformedInput('a header line is not `name: value`');
    const key = name.toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = values.get(key);
    if (before === undefined) values.set(key, [value]);
    else before.push(value);
    if (!names.has(key)) names.set(key, name);
  }
  const spelled = new Map<string, string | string[]>();
  for (const [key, all] of values) spelled.set(names.get(key) ?? key, all.length === 1 ? (all[0] ?? '') : all);
  return { spelled, values };
}

/** `POST https://host/path` (a proxy's capture) and `POST /path` name the same path (RFC 9112, 3.2). */
function originForm(target: string): string {
  if (target.startsWith('/')) return target;
  const [, path] = /^https?:\/\/[^/?#]+(.*)$/i.exec(target) ?? [];
  if (path === undefined) throw malformedInput('the target of the request is neither a path nor a URL');
  return path.startsWith('/') ? path : `/${path}`;
}

function readBody({ values }: Fields, rest: Uint8Array): Uint8Array {
  const codings = values.get('transfer-encoding');
  const lengths = values.get('content-length');
  if (codings !== undefined) {
    // Two framings at once are the material of request smuggling (RFC 9112, 6.3).
    if (lengths !== undefined) throw malformedInput('Content-Length and Transfer-Encoding exclude each other');
    if (codings.length !== 1 || codings[0]?.toLowerCase() !== 'chunked') {
      throw malformedInput('chunked is the only Transfer-Encoding that is read');
    }
    return decodeChunked(rest);
  }
  if (lengths === undefined) return rest;
  const [length = ''] = lengths;
  if (!/^\d{1,12}$/.test(length) || lengths.some((other) => other !== length)) {
    throw malformedInput('Content-Length is not one number');
  }
  return cut(rest, Number(length));
}

function cut(rest: Uint8Array, length: number): Uint8Array {
  if (rest.length < length) throw malformedInput(`the body is cut off: ${rest.length} of ${length} bytes are there`);
  // Editors end a file with a line break; anything more is not this request.
  if (rest.subarray(length).some((byte) => byte !== LF && byte !== CR)) {
    throw malformedInput(`${rest.length - length} bytes follow the ${length} bytes of the body`);
  }
  return rest.subarray(0, length);
}
