import type { Context } from '../../src/context.ts';
import { lateProgress } from '../../src/late-progress.ts';
import { printable } from '../../src/printable.ts';

/** Where rows go: stdout, or a private file that takes its name when all is there. */
export interface RowOutput {
  /** Whole lines. */
  write(lines: string): void;
  /** Until there is none left, or nobody reads any more. How many those were. Throws when stopped. */
  writeAll(lines: AsyncIterable<string>): Promise<number>;
  /** Throws as `openPrivateOutput` does. */
  done(): void;
  /** Leaves no file behind, and one that was there as it was. */
  drop(): void;
}

/** Lines are written together, because each write costs as much as making ten of them; characters. */
const TOGETHER = 65_536;
/** Between two words to a person who waits, rows. */
const TOLD_ROWS = 1000;

/** `-` and nothing mean stdout. Throws USAGE when the file cannot be written. */
export async function openRowOutput(
  { terminal, host, signal, clock }: Pick<Context, 'terminal' | 'host' | 'signal' | 'clock'>,
  target: string | undefined,
): Promise<RowOutput> {
  const toFile = target !== undefined && target !== '-';
  const file = toFile ? (await import('../../src/private-output.ts')).openPrivateOutput(target) : undefined;
  const onScreen = !file && host.stdout.isTTY;
  let waiting = '';
  const flush = () => {
    if (file) file.write(waiting);
    else terminal.raw(onScreen ? printable(waiting, { lines: true }) : waiting);
    waiting = '';
  };
  const write = (lines: string) => {
    waiting += lines;
    if (waiting.length >= TOGETHER) flush();
  };
  return {
    write,
    async writeAll(lines) {
      const progress = onScreen ? undefined : lateProgress(terminal, clock);
      let count = 0;
      try {
        for await (const line of lines) {
          signal.throwIfAborted();
          if (host.stdout.gone && !file) break;
          write(line);
          count += 1;
          if (count % TOLD_ROWS === 0) progress?.update(`${count} rows`);
        }
      } finally {
        await progress?.stop();
      }
      return count;
    },
    done() {
      flush();
      file?.commit();
    },
    drop: () => file?.drop(),
  };
}
