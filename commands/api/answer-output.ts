import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import type { HttpResponse } from '../../src/http/http.ts';
import { redactHeaders } from '../../src/http/redact.ts';
import { printable } from '../../src/printable.ts';

/** Where answers go: stdout, or a file. */
export interface AnswerOutput {
  /** Status line and headers, with nothing in them that is secret, and an empty line. */
  head(answer: HttpResponse): void;
  /** A body as it came; `line`: it ends with a line break, so that another document can follow. Throws USAGE for binary on a terminal. */
  body(bytes: Uint8Array, line: boolean): void;
  text(text: string): void;
  /** All is there: the file takes its name. Throws as `openPrivateOutput` does. */
  done(): void;
  /** It is not: no file is left or changed. */
  drop(): void;
}

/** The output to a file, or to stdout: with `-` whatever it is, otherwise as a terminal can bear it. Throws USAGE when the file cannot be written. */
export async function openAnswerOutput(
  { terminal, host }: Pick<Context, 'terminal' | 'host'>,
  target: string | undefined,
): Promise<AnswerOutput> {
  const toFile = target !== undefined && target !== '-';
  const file = toFile ? (await import('../../src/private-output.ts')).openPrivateOutput(target) : undefined;
  const onTerminal = target === undefined && host.stdout.isTTY;
  const write = (chunk: string | Uint8Array) => void (file ? file.write(chunk) : terminal.raw(chunk));
  return {
    head: (answer) => write(`${headOf(answer).join('\n')}\n\n`),
    body(bytes, line) {
      const shown = onTerminal ? tame(bytes) : bytes;
      write(shown);
      const ended = shown.at(-1) === (typeof shown === 'string' ? '\n' : 10);
      if (shown.length > 0 && (line || onTerminal) && !ended) write('\n');
    },
    text: write,
    done: () => file?.commit(),
    drop: () => file?.drop(),
  };
}

/** HTTP/1.1 has a reason phrase, HTTP/2 has none (RFC 9113, 8.3.2), which is how the two are told apart here. */
function headOf({ status, reason, headers }: HttpResponse): string[] {
  const line = reason === undefined ? `HTTP/2 ${status}` : `HTTP/1.1 ${status} ${reason}`;
  return [line, ...redactHeaders(headers).map(([name, value]) => `${name}: ${value}`)].map((text) => printable(text));
}

/** A body for a terminal: text without what would steer it. Throws USAGE for anything else, as curl does. */
function tame(bytes: Uint8Array): string {
  const text = bytes.includes(0) ? undefined : decoded(bytes);
  if (text === undefined) {
    throw new LwiError('USAGE', `The answer is binary (${bytes.length} bytes) and does not belong on a terminal.`, {
      hint: 'Write it to a file with -o <file>, or into a pipe.',
    });
  }
  return text
    .split('\t')
    .map((part) => printable(part, { lines: true }))
    .join('\t');
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
