import { malformedInput } from './malformed-input.ts';

const LF = 0x0a;
const CR = 0x0d;
/** Size in hex, then extensions, which mean nothing here (RFC 9112, 7.1.1). */
const SIZE_LINE = /^([0-9a-fA-F]{1,8})[ \t]*(?:;.*)?$/;

/** Joins the chunks of a body (RFC 9112, 7.1); trailers are dropped. Lines end with CRLF or LF. Throws INPUT_INVALID. */
export function decodeChunked(bytes: Uint8Array): Uint8Array {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (;;) {
    const sizeLine = readLine(bytes, at);
    const size = Number.parseInt(SIZE_LINE.exec(sizeLine.text)?.[1] ?? '', 16);
    if (Number.isNaN(size)) throw malformedInput('a chunk size is no hex number');
    if (size === 0) return Buffer.concat(chunks);
    const end = sizeLine.next + size;
    if (end > bytes.length) throw malformedInput('a chunk is cut off');
    chunks.push(bytes.subarray(sizeLine.next, end));
    const close = readLine(bytes, end);
    if (close.text !== '') throw malformedInput('a chunk is longer than its size says');
    at = close.next;
  }
}

function readLine(bytes: Uint8Array, at: number): { text: string; next: number } {
  const end = bytes.indexOf(LF, at);
  if (end === -1) throw malformedInput('the last chunk is missing');
  const stop = end > at && bytes[end - 1] === CR ? end - 1 : end;
  return { text: Buffer.from(bytes.subarray(at, stop)).toString('latin1'), next: end + 1 };
}
