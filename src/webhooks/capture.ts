import { readFixture } from './fixture.ts';
import { malformedInput } from './malformed-input.ts';
import { readRawRequest } from './raw-request.ts';

/** A request as it came, whatever file it was kept in. */
export interface Capture {
  /** Named by a fixture; a raw request does not say. */
  readonly provider?: string;
  readonly method: string;
  /** Path with its query. */
  readonly path: string;
  /** Names as spelled in the file; a name that came several times has all its values. */
  readonly headers: Record<string, string | string[]>;
  readonly body: Uint8Array;
  /** ms since the epoch, where the fixture says so. */
  readonly receivedAt?: number;
}

/** Largest capture that is read, bytes. */
export const CAPTURE_LIMIT = 32 * 1024 * 1024;

const OPENING_BRACE = 0x7b;

/**
 * Reads a fixture (JSON) or a raw HTTP/1.1 request; a brace as first character means JSON. Throws INPUT_INVALID saying what is
 * wrong; `verify` reports that as `malformed-input`.
 */
export function readCapture(bytes: Uint8Array): Capture {
  if (bytes.length > CAPTURE_LIMIT) throw malformedInput(`larger than ${CAPTURE_LIMIT} bytes`);
  const content = withoutByteOrderMark(bytes);
  const first = content.find((byte) => byte > 0x20);
  if (first === undefined) throw malformedInput('empty');
  return first === OPENING_BRACE ? readFixture(content) : readRawRequest(content);
}

/** Without the byte order mark that some editors put in front. */
export function withoutByteOrderMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}
