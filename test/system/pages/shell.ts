import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { deadlineSignal } from '../../../src/clock.ts';
import { approve } from '../../../src/mock/approve.ts';

/** No command of a page takes longer, ms. */
const LONGEST_MS = 30_000;

/** A terminal with a shell in it, for one command after the other. */
export interface Shell {
  /** Runs it to its end. Whoever sits before the terminal approves in the browser what it asks to open. */
  run(command: string, company?: number): Promise<{ readonly code: number; readonly lines: readonly string[] }>;
  /** The variables that are exported in it, in the form of env(1) -0. */
  exported(): Promise<string>;
  /** Starts it and resolves once its output has so many lines. */
  start(command: string, lines: number): Promise<readonly string[]>;
  /** Ends the shell, and with SIGTERM what still runs in it. */
  close(): Promise<void>;
}

export function openShell(options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> }): Shell {
  const child = spawn('/bin/bash', ['--norc', '--noprofile'], {
    ...options,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  let text = '';
  let visited = '';
  let company = 0;
  const listeners = new Set<() => void>();
  const take = (chunk: string) => {
    text += chunk;
    const address = /^ {2}(https?:\/\/\S+[?&]state=\S+)$/m.exec(text)?.[1];
    if (address !== undefined && address !== visited) {
      visited = address;
      void approve(address, { company }).then((back) => fetch(back));
    }
    for (const listener of listeners) listener();
  };
  child.stdout.setEncoding('utf8').on('data', take);
  child.stderr.setEncoding('utf8').on('data', take);
  const closed = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const until = async <T>(found: () => T | undefined, what: string): Promise<T> => {
    const limit = deadlineSignal(LONGEST_MS);
    try {
      return await new Promise<T>((resolve, reject) => {
        const look = () => {
          const value = found();
          if (value !== undefined) resolve(value);
        };
        listeners.add(look);
        limit.signal.addEventListener('abort', () =>
          reject(new Error(`${what}: no end after ${LONGEST_MS} ms: ${text}`)),
        );
        look();
      });
    } finally {
      limit.done();
      listeners.clear();
    }
  };
  const output = async (command: string) => {
    text = '';
    const mark = randomUUID();
    child.stdin.write(`{ ${command}\n} 2>&1 </dev/null; printf '\\n%s %s\\n' ${mark} $?\n`);
    const code = await until(() => new RegExp(`\\n${mark} (\\d+)\\n`).exec(text)?.[1], command);
    return { code: Number(code), text: text.slice(0, text.indexOf(`\n${mark}`)) };
  };
  return {
    async run(command, chosen = 0) {
      company = chosen;
      const { code, text: said } = await output(command);
      return { code, lines: linesOf(said) };
    },
    exported: async () => (await output('env -0')).text,
    async start(command, lines) {
      text = '';
      child.stdin.write(`${command} 2>&1 </dev/null\n`);
      return until(() => (linesOf(text).length >= lines ? linesOf(text) : undefined), command);
    },
    async close() {
      child.stdin.end();
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
      await closed;
    },
  };
}

const linesOf = (text: string) => text.replace(/\n+$/, '').split('\n');
