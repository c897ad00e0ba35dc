import { type ChildProcess, spawn } from 'node:child_process';
import { execPath } from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const SCRIPT = fileURLToPath(new URL('store-child.ts', import.meta.url));

export interface StoreChild {
  readonly process: ChildProcess;
  /** The next line of its stdout, parsed; undefined when it is empty or the child has ended. */
  line(): Promise<unknown>;
  /** Lets it go on. */
  go(): void;
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** Starts store-child.ts; it is killed when the running test ends, if it still runs. */
export function startChild(...args: string[]): StoreChild {
  const child = spawn(execPath, [SCRIPT, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return {
    process: child,
    exited,
    line: async () => {
      const { value, done } = await lines.next();
      return done || value === '' ? undefined : JSON.parse(value);
    },
    go: () => {
      child.stdin.end('\n');
    },
  };
}

/** Starts one child for each list of arguments, lets all go at once when all are ready, and gives what each printed. */
export async function raceChildren(...children: readonly string[][]): Promise<unknown[]> {
  const started = children.map((args) => startChild(...args));
  for (const child of started) await child.line();
  for (const child of started) child.go();
  return Promise.all(started.map((child) => child.line()));
}
