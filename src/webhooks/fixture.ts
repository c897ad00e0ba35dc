import type { Capture } from './capture.ts';
import { malformedInput } from './malformed-input.ts';

type Members = Readonly<Record<string, unknown>>;

/**
 * Reads a JSON fixture `{provider, method, path, headers, body | bodyBase64, receivedAt?}`; a body of text is its UTF-8 bytes.
 * `method` is POST and `path` is `/` when left out. Other members are left alone, so that fixtures can carry notes.
 * Throws INPUT_INVALID. Read by hand and not by a schema: `webhook verify` has to start fast.
 */
export function readFixture(bytes: Uint8Array): Capture {
  const members = parse(bytes);
  const provider = text(members, 'provider');
  const receivedAt = time(members);
  return {
    ...(provider === undefined ? {} : { provider }),
    method: text(members, 'method') ?? 'POST',
    path: text(members, 'path') ?? '/',
    headers: headers(members['headers'] ?? {}),
    body: body(members),
    ...(receivedAt === undefined ? {} : { receivedAt }),
  };
}

const DECODER = new TextDecoder('utf-8', { fatal: true });

function parse(bytes: Uint8Array): Members {
  let value: unknown;
  try {
    value = JSON.parse(DECODER.decode(bytes));
  } catch (error) {
    throw malformedInput(error instanceof SyntaxError ? 'the JSON does not parse' : 'the JSON is not UTF-8');
  }
  // The caller saw an opening brace, and what parses behind one is an object.
  return value as Members;
}

function text(members: Members, name: string): string | undefined {
  const value = members[name];
  if (value === undefined || (typeof value === 'string' && value !== '')) return value;
  throw malformedInput(`${name} must be text`);
}

function headers(value: unknown): Record<string, string | string[]> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformedInput('headers must be an object');
  for (const [name, values] of Object.entries(value)) {
    if (typeof values === 'string') continue;
    if (Array.isArray(values) && values.every((one) => typeof one === 'string')) continue;
    throw malformedInput(`headers.${name} must be text, or a list of texts`);
  }
  return value as Record<string, string | string[]>;
}

function body(members: Members): Uint8Array {
  const { body: plain, bodyBase64: encoded } = members;
  if ((plain === undefined) === (encoded === undefined)) throw malformedInput('one of body and bodyBase64 is needed');
  if (encoded !== undefined) return base64(encoded);
  if (typeof plain !== 'string') throw malformedInput('body must be the text that was sent, not parsed JSON');
  // A lone surrogate has no UTF-8: what was signed cannot be known.
  if (!plain.isWellFormed()) throw malformedInput('body holds half of a surrogate pair: use bodyBase64');
  return Buffer.from(plain, 'utf8');
}

function base64(encoded: unknown): Uint8Array {
  const bytes = typeof encoded === 'string' ? Buffer.from(encoded, 'base64') : undefined;
  if (bytes === undefined || bytes.toString('base64') !== encoded) throw malformedInput('bodyBase64 must be base64');
  return bytes;
}

const ZONED_TIME = /^\d{4}-\d{2}-\d{2}T.*(?:Z|[+-]\d{2}:\d{2})$/;

function time(members: Members): number | undefined {
  const value = members['receivedAt'];
  if (value === undefined) return undefined;
  const ms = typeof value === 'string' && ZONED_TIME.test(value) ? Date.parse(value) : value;
  if (typeof ms === 'number' && Number.isSafeInteger(ms) && Math.abs(ms) <= 8.64e15) return ms;
  throw malformedInput('receivedAt must be an ISO-8601 time with a zone, or epoch milliseconds');
}
