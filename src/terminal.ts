import type { LwiError } from './errors.ts';
import { redactText } from './http/redact.ts';
import type { Background } from './output.ts';
import { printable } from './printable.ts';

/** Words with a meaning. On a colourless stream each one is the text itself; the words say it all without colour. */
export interface Style {
  good(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
  dim(text: string): string;
  bold(text: string): string;
}

export interface Terminal {
  readonly json: boolean;
  /** Width of stdout in characters; 80 where there is no terminal on it. */
  readonly width: number;
  /** Width for tables: that of the terminal; where stdout is none a table is as wide as it is, so that each row is a line for `grep` and `awk`. */
  readonly tableWidth: number;
  readonly style: Style;
  /** Style for stderr, which may be a terminal when stdout is not. */
  readonly errorStyle: Style;
  /** Whether stderr is a terminal that may show moving progress, and knows its width. */
  readonly lively: boolean;
  /** Result lines, stdout. */
  out(...lines: string[]): void;
  /** Result bytes, stdout. */
  raw(bytes: string | Uint8Array): void;
  /** A JSON document (or one line of a stream), stdout. */
  document(value: unknown): void;
  /** Several lines of a stream at once, stdout. */
  documents(values: readonly unknown[]): void;
  /**
   * For commands that run until they are stopped: from now on they never wait for whoever reads what they say. Gives what ends that: false when a
   * thread is stuck in writing, so that the process does not end by itself.
   */
  inBackground(): () => Promise<boolean>;
  /** What happens, stderr; silent under --quiet. */
  info(line: string): void;
  /** What the person needs to go on, stderr, also under --quiet. */
  say(line: string): void;
  /** What the person should know, stderr. */
  warn(line: string): void;
  /** A line of the HTTP trace (`-v`), stderr. */
  trace(line: string): void;
  /** A failed command: for people, or one JSON line under --json. */
  error(error: LwiError, verbose: boolean): void;
}

/** What is written to; an `Output`, or a stream. */
interface Sink {
  readonly isTTY?: boolean;
  write(chunk: string | Uint8Array): unknown;
  inBackground?(leftOut: (lines: number) => string): Background;
}

export interface TerminalOptions {
  readonly stdout: Sink & { readonly columns?: number | undefined };
  readonly stderr: Sink & { readonly columns?: number | undefined };
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly json: boolean;
  readonly quiet: boolean;
  /** False for --no-color. */
  readonly color: boolean;
}

const PLAIN: Style = { good: same, warn: same, bad: same, dim: same, bold: same };

/** The only place that writes. chalk is loaded only where colours are shown. */
export async function openTerminal(options: TerminalOptions): Promise<Terminal> {
  const { stdout, stderr, environment, json, quiet } = options;
  const style = await styleFor(stdout, options);
  const errorStyle = await styleFor(stderr, options);
  const write = (line: string) => void stderr.write(`${line}\n`);
  return {
    json,
    width: stdout.columns ?? 80,
    tableWidth: stdout.columns ?? (stdout.isTTY ? 80 : Number.POSITIVE_INFINITY),
    style,
    errorStyle,
    // Without a width ora would clear lines for ever.
    lively:
      stderr.isTTY === true &&
      stderr.columns !== undefined &&
      !(quiet || json || environment['CI'] || environment['TERM'] === 'dumb'),
    out: (...lines) => void stdout.write(`${printable(lines.join('\n'), { lines: true })}\n`),
    raw: (bytes) => void stdout.write(bytes),
    document: (value) => void stdout.write(`${JSON.stringify(value)}\n`),
    documents: (values) => void stdout.write(values.map((value) => `${JSON.stringify(value)}\n`).join('')),
    inBackground: () => {
      const note = (count: number) => `${count} lines were left out: nobody read them`;
      const streams = [
        stdout.inBackground?.((count) =>
          json ? `${JSON.stringify({ type: 'left-out', count })}\n` : `${note(count)}\n`,
        ),
        stderr.inBackground?.((count) => (json ? `${JSON.stringify({ warning: note(count) })}\n` : `${note(count)}\n`)),
      ];
      return async () => {
        const written = !(await Promise.all(streams.map((stream) => stream?.flush()))).includes(false);
        // Both may be one pipe, and what is still to be said would wait for its reader.
        if (written) for (const stream of streams) stream?.end();
        return written;
      };
    },
    info: (line) => void (quiet || write(line)),
    say: write,
    warn: (line) =>
      write(json ? JSON.stringify({ warning: clean(line) }) : `${errorStyle.warn('warning:')} ${clean(line)}`),
    trace: (line) => write(clean(line)),
    error: (error, verbose) => {
      if (json) return write(clean(JSON.stringify({ error: error.toJSON() })));
      write(`${errorStyle.bad('error:')} ${clean(error.message)}`);
      const facts = [error.code, error.facts.requestId && `request ${error.facts.requestId}`]
        .filter(Boolean)
        .join(', ');
      write(`${errorStyle.dim('next: ')} ${clean(error.hint)} ${errorStyle.dim(`(${facts})`)}`);
      if (verbose) write(clean(stackOf(error)));
    },
  };
}

async function styleFor(stream: { readonly isTTY?: boolean }, { environment, color }: TerminalOptions): Promise<Style> {
  const { FORCE_COLOR, NO_COLOR, TERM } = environment;
  const forced = FORCE_COLOR !== undefined && FORCE_COLOR !== '' && FORCE_COLOR !== '0';
  const refused = !color || (NO_COLOR !== undefined && NO_COLOR !== '') || FORCE_COLOR === '0';
  if (refused || !(forced || (stream.isTTY === true && TERM !== 'dumb'))) return PLAIN;
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level: 1 });
  return { good: chalk.green, warn: chalk.yellow, bad: chalk.red, dim: chalk.dim, bold: chalk.bold };
}

/** Text of unknown origin on its way to a person: no credentials, no control characters. */
function clean(text: string): string {
  return redactText(printable(text, { lines: true }));
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}

function same(text: string): string {
  return text;
}
