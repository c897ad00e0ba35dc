import { spawn } from 'node:child_process';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  /** stdout and stderr in the order in which they came. */
  readonly output: string;
}

interface RunOptions {
  /** Program and first arguments that start lwi itself. */
  readonly self: readonly string[];
  readonly words: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Called once with the first http address that the command prints on stderr. */
  readonly onAddress?: ((url: string) => Promise<unknown>) | undefined;
}

/** An lwi process under way. */
export interface RunningLwi {
  /** Resolves when it has ended. Rejects with the signal's reason when stopped by that. */
  readonly ended: Promise<Ran>;
  /** Resolves to what it has said so far once that fits; rejects when it ends without. */
  said(pattern: RegExp): Promise<string>;
  stop(): void;
}

/** Starts another lwi process, with nothing on its stdin. */
export function startLwi({ self, words, cwd, environment, signal, onAddress }: RunOptions): RunningLwi {
  const child = spawn(self[0] ?? '', [...self.slice(1), ...words], {
    cwd,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = () => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  const texts = { stdout: '', stderr: '', output: '' };
  const listeners = new Set<() => void>();
  let visited: Promise<unknown> | undefined;
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      texts[name] += chunk;
      texts.output += chunk;
      const address = onAddress && !visited && /(https?:\/\/\S+)\s/.exec(texts.stderr)?.[1];
      if (address) visited = onAddress?.(address);
      for (const listener of listeners) listener();
    });
  }
  const closed = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve(status ?? 1));
  });
  const end = async (): Promise<Ran> => {
    try {
      const code = await closed;
      await visited;
      signal.throwIfAborted();
      return { code, stdout: texts.stdout, output: texts.output };
    } finally {
      signal.removeEventListener('abort', stop);
    }
  };
  const ended = end();
  // Whoever awaits it comes later.
  ended.catch(() => {});
  return {
    ended,
    stop,
    said: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => pattern.test(texts.output) && resolve(texts.output);
        listeners.add(look);
        ended.then(({ output }) => reject(new Error(`it ended without saying so: ${output}`)), reject);
        look();
      }),
  };
}
