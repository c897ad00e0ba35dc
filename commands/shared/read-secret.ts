import { addAbortSignal } from 'node:stream';
import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';

/** Longest secret that is read, bytes. */
export const LARGEST_SECRET = 64 * 1024;

/** A secret from a hidden prompt on a terminal, else all of stdin without its last line end. Never from argv. */
export async function readSecret(context: Context, question: string, variable: string): Promise<string> {
  const { stdin } = context.host;
  if (stdin.isTTY) return (await context.prompt.secret(question, variable)).reveal();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of addAbortSignal(context.signal, stdin)) {
    chunks.push(Buffer.from(chunk));
    size += chunk.length;
    if (size > LARGEST_SECRET) throw new LwiError('INPUT_INVALID', `A secret has at most ${LARGEST_SECRET} bytes.`);
  }
  const text = decoded(Buffer.concat(chunks)).replace(/\r?\n$/, '');
  if (text === '')
    throw new LwiError('INPUT_NEEDED', 'Nothing came on stdin.', {
      hint: `Give the value on stdin, or set ${variable}.`,
    });
  return text;
}

/** The text without a byte order mark, which some shells put before what they pipe. Anything but UTF-8 would be kept as something else. */
function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new LwiError('INPUT_INVALID', 'What came on stdin is not UTF-8 text. Nothing was kept.', {
      hint: 'Give it as text: bytes as hex or base64 where the provider takes that, letters in UTF-8.',
    });
  }
}
