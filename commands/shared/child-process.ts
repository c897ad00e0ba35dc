import { LwiError } from '../../src/errors.ts';
import type { Program } from '../../src/host.ts';

/** The parts of `process` that a program's taking over needs. */
export interface Replaceable {
  on(event: NodeJS.Signals, listener: () => void): unknown;
  removeAllListeners(event: NodeJS.Signals): unknown;
  umask(mask: number): unknown;
  execve?(file: string, words: readonly string[], env: Readonly<Record<string, string>>): never;
}

/**
 * Lets a program take the place of the process by execve(2): it has the same id, parent, process group, terminal and descriptors 0 to 2, so signals, job
 * control and exit code are exactly its own, as with `env` and `nice`. Whatever else is open is marked close-on-exec by libuv and SQLite. Where
 * there is no execve (Windows) the program runs beside this process. A stop that came before wins: throws the reason of `signal`.
 */
export async function becomeProgram(
  program: Program,
  self: Replaceable,
  signal: AbortSignal,
  umask: number | undefined,
): Promise<number> {
  if (!self.execve) return runBeside(program, self, signal);
  const { file, words, env } = throughEnv(program);
  assertFits(words, env);
  if (umask !== undefined) self.umask(umask);
  process.getBuiltinModule('node:module').flushCompileCache?.();
  // One turn of the loop, so that a signal that has arrived is seen; from then on one ends the process at once, as it would the program.
  await new Promise((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) self.removeAllListeners(name);
  // Node ignores these two from its start. What is ignored stays so in the program, what is caught becomes the default again (execve(2)).
  for (const name of ['SIGPIPE', 'SIGXFSZ'] as const) self.on(name, () => {});
  return self.execve(file, words, env);
}

const ENV = '/usr/bin/env';

/**
 * The program as started by env(1). An execve(2) that fails ends Node by abort, which may write the memory to a core file, and keys and tokens
 * with it; env has none of these, and says what is wrong, with code 126 or 127. It would take a path with a `=` for a variable: that one starts directly.
 */
function throughEnv(program: Program): Program {
  const { file, words, env } = program;
  if (file.includes('=') || !process.getBuiltinModule('node:fs').existsSync(ENV)) return program;
  return { file: ENV, words: ['env', file, ...words.slice(1)], env };
}

/** Longest single argument or variable that Linux takes, with its end: MAX_ARG_STRLEN (execve(2)), bytes. */
const LONGEST_WORD = 131_072;
/** What all of them may take at least: ARG_MAX of macOS; Linux takes a quarter of the stack, which is twice that by default. Bytes. */
const ALL_WORDS = 1_048_576;

/** Throws USAGE for more than a system takes, before the process can no longer report it. */
function assertFits(words: readonly string[], env: Readonly<Record<string, string>>): void {
  const sizes = [...words, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)].map(
    (word) => Buffer.byteLength(word) + 1,
  );
  // A pointer to each stands beside it.
  const all = sizes.reduce((sum, size) => sum + size + 8, 0);
  if (all <= ALL_WORDS && sizes.every((size) => size <= LONGEST_WORD)) return;
  throw new LwiError('USAGE', `The command and its environment are too long: ${all} bytes.`, {
    hint: 'Give long input to the command on stdin or in a file.',
  });
}

/**
 * Runs a program on this process's own input and output, and resolves to its exit code when it has ended, never before. Ctrl-C and a closed window
 * reach all processes of a console by themselves, so they are not passed on. Throws USAGE when it cannot be started.
 */
export async function runBeside(
  { file, words, env }: Program,
  self: Pick<Replaceable, 'on' | 'removeAllListeners'>,
  signal: AbortSignal,
): Promise<number> {
  const { spawn } = await import('node:child_process');
  const { constants } = await import('node:os');
  signal.throwIfAborted();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) self.removeAllListeners(name);
  const child = spawn(file, words.slice(1), { argv0: words[0] ?? file, env, stdio: 'inherit' });
  for (const name of ['SIGINT', 'SIGHUP', 'SIGBREAK'] as const) self.on(name, () => {});
  self.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) => reject(notStarted(file, error)));
    child.on('exit', (code, name) => resolve(code ?? 128 + (name ? constants.signals[name] : 0)));
  });
}

function notStarted(file: string, error: NodeJS.ErrnoException): LwiError {
  // Node starts no batch files without a shell, whose quoting would let arguments become commands (CVE-2024-27980).
  const why = error.code === 'ENOENT' ? 'there is no such program in PATH' : (error.code ?? error.message);
  const hint = 'Give a program after `--`; a batch file is started by `cmd /c <file>`.';
  return new LwiError('USAGE', `"${file}" cannot be run: ${why}.`, { hint, cause: error });
}
