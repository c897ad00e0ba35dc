import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { deadlineSignal } from '../../src/clock.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/lwi.js', import.meta.url));

/** No command of the tests takes longer than this, ms; then it is killed and the test fails. */
const LONGEST_MS = 25_000;

/** What a process left behind. */
export interface Ran {
  /** Exit code; a process that a signal ended has none. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** The whole environment of the process; undefined members are left out. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Everything that comes on stdin; absent: stdin is empty. `open`: it stays open, and is for the test to write. */
  readonly stdin?: string | Uint8Array | 'open' | undefined;
  /** Program in place of `node bin/lwi.js`: a shell that runs it, for umask and pipes. `$LWI` in it stands for the command. */
  readonly shell?: string | undefined;
  /** How long the process may take, ms; absent: 25 s. */
  readonly limitMs?: number;
}

/** A process under way. */
export interface Running {
  readonly child: ChildProcess;
  /** Resolves when it has ended and all its output is read. Rejects when it had to be killed. */
  readonly ended: Promise<Ran>;
  /** Resolves to the first match in what has come on stderr, or else on stdout; rejects when the process ends without it. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Starts the built command as a process of its own. */
export function startLwi(words: readonly string[], options: RunOptions): Running {
  const { cwd, env, stdin, shell, limitMs = LONGEST_MS } = options;
  const self = [process.execPath, PROGRAM];
  const line = shell?.replaceAll('$LWI', self.map((word) => `'${word}'`).join(' '));
  const [program = '', ...rest] = line === undefined ? [...self, ...words] : ['/bin/sh', '-c', line, 'sh', ...words];
  const child = spawn(program, rest, { cwd, env: given(env), stdio: 'pipe' });
  // The command may end before it has read everything.
  child.stdin.on('error', () => {});
  if (stdin !== 'open') child.stdin.end(stdin ?? '');
  const heard = listenTo(words);
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => heard.add(name, text));
  }
  const { output } = heard;
  const limit = deadlineSignal(limitMs);
  limit.signal.addEventListener('abort', () => child.kill('SIGKILL'));
  const ended = new Promise<Ran>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      limit.done();
      if (!limit.signal.aborted) return resolve({ code, ...output });
      reject(new Error(`lwi ${words.join(' ')} did not end within ${limitMs} ms: ${JSON.stringify(output)}`));
    });
  });
  ended.catch(() => {});
  return { child, ended, said: heard.said(ended) };
}

/** What a command says while it runs. */
export function listenTo(words: readonly string[]) {
  const output = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  return {
    output,
    add: (name: 'stdout' | 'stderr', text: string) => {
      output[name] += text;
      for (const listener of listeners) listener();
    },
    said:
      (ended: Promise<unknown>): Running['said'] =>
      (pattern) =>
        new Promise((resolve, reject) => {
          const look = () => {
            const found = pattern.exec(output.stderr) ?? pattern.exec(output.stdout);
            if (found) resolve(found);
          };
          listeners.add(look);
          look();
          const missed = () =>
            reject(new Error(`lwi ${words.join(' ')} never said ${pattern}: ${JSON.stringify(output)}`));
          ended.then(missed, missed);
        }),
  };
}

/** Runs the built command to its end. */
export function runLwi(words: readonly string[], options: RunOptions): Promise<Ran> {
  return startLwi(words, options).ended;
}

function given(env: RunOptions['env']): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
}
