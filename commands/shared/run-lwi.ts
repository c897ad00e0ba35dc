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

/** Runs another lwi process to its end. Its stdin is empty. Rejects with the signal's reason when stopped. */
export async function runLwi({ self, words, cwd, environment, signal, onAddress }: RunOptions): Promise<Ran> {
  const child = spawn(self[0] ?? '', [...self.slice(1), ...words], {
    cwd,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = () => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  const texts = { stdout: '', stderr: '', output: '' };
  let visited: Promise<unknown> | undefined;
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      texts[name] += chunk;
      texts.output += chunk;
      const address = onAddress && !visited && /(https?:\/\/\S+)\s/.exec(texts.stderr)?.[1];
      if (address) visited = onAddress?.(address);
    });
  }
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status) => resolve(status ?? 1));
    });
    await visited;
    signal.throwIfAborted();
    return { code, stdout: texts.stdout, output: texts.output };
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
