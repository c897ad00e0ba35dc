import { isLwiError, LwiError } from '../src/errors.ts';
import { homeDirectory } from '../src/home-directory.ts';
import type { GlobalOptions, Host } from '../src/host.ts';
import { type Output, outputOn } from '../src/output.ts';
import { exitPastStuckThread } from '../src/vault/stuck-exit.ts';
import { buildProgram, COMMAND_NAMES, isCommanderError } from './program.ts';
import type { Run } from './shared/define.ts';
import { usageError } from './shared/usage-error.ts';
import { withStop } from './shared/with-stop.ts';

/** What the process alone does not tell. */
interface Surroundings {
  /** The file mode mask that the process was started with, where it has been changed since: a program that takes lwi's place gets it back. */
  readonly umask?: number;
  /** Program and first arguments that start lwi again; absent: those of this process. */
  readonly self?: readonly string[];
  /** Where the result goes, and everything else; absent: file descriptors 1 and 2. */
  readonly stdout?: Output;
  readonly stderr?: Output;
}

/** The global options of a command line, as far as they are there. */
type GivenOptions = Partial<GlobalOptions> & { readonly verbose?: number };

/**
 * Runs one command line and resolves to the exit code of the process. The only place where an error becomes text and a code.
 */
export async function main(process: NodeJS.Process, around: Surroundings = {}): Promise<number> {
  const stop = new AbortController();
  const held = new Set<Promise<unknown>>();
  const host = hostOf(process, stop.signal, held, around);
  let code = 0;
  const run: Run =
    (handler) =>
    async (...input) => {
      const command = input.pop() as { optsWithGlobals(): GivenOptions };
      const options = input.pop() as never;
      listen(process, stop);
      const { createContext } = await import('../src/context.ts');
      const context = await createContext(host, globalOptions(command.optsWithGlobals()), stop.signal);
      try {
        code = (await withStop(context, held, () => handler(context, options, ...(input as never)))) ?? 0;
      } finally {
        // A command that gave up waiting (a deadline) must not close the store under a token that is on its way.
        if (held.size > 0) context.terminal.info('Waiting for the provider, so that nothing is left half done.');
        await Promise.allSettled(held);
        await context.close();
      }
    };
  // The scripts of `lwi completion` ask so; no command of a person's has this name.
  if (host.argv[0] === 'complete' && host.argv[1] === '--') {
    const { answerCompletion } = await import('./completion/answer.ts');
    return answerCompletion(host, buildProgram(run, host.stdout), stop.signal);
  }
  const program = buildProgram(run, host.stdout, ownWords(host).includes('help') ? undefined : host.argv);
  try {
    await program.parseAsync([...host.argv], { from: 'user' });
    return code;
  } catch (error) {
    if (isCommanderError(error) && (error.exitCode === 0 || error.code === 'commander.help')) return 0;
    return report(await asLwiError(error, stop.signal, host), host, program.opts());
  }
}

/** stdin is made on first use only: it costs milliseconds, and few commands read it. */
function hostOf(
  process: NodeJS.Process,
  signal: AbortSignal,
  held: Set<Promise<unknown>>,
  { umask, self, stdout, stderr }: Surroundings,
): Host {
  return {
    ...{ argv: process.argv.slice(2), env: process.env, platform: process.platform, pid: process.pid },
    self: self ?? [process.execPath, ...process.execArgv, process.argv[1] ?? ''],
    ...{ homedir: homeDirectory, nodeVersion: process.versions.node, uid: process.geteuid?.() },
    leaveAtOnce: () => exitPastStuckThread(process),
    unstopped: (work) => {
      held.add(work);
      return work.finally(() => held.delete(work));
    },
    become: async (program) => {
      const { becomeProgram } = await import('./shared/child-process.ts');
      return becomeProgram(program, process, signal, umask);
    },
    stdout: stdout ?? outputOn(1, () => process.stdout),
    stderr: stderr ?? outputOn(2, () => process.stderr),
    get stdin() {
      return process.stdin;
    },
  };
}

/** What lwi itself is to read: words after `--` belong to somebody else. */
function ownWords({ argv }: Host): readonly string[] {
  const end = argv.indexOf('--');
  return end < 0 ? argv : argv.slice(0, end);
}

function listen(process: NodeJS.Process, stop: AbortController): void {
  const on = (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP', code: 'INTERRUPTED' | 'TERMINATED') =>
    process.on(signal, () => {
      const reason = new LwiError(code, `Stopped by ${signal}.`);
      // A second signal means now.
      if (stop.signal.aborted) {
        exitPastStuckThread(process);
        process.exit(reason.exitCode);
      }
      stop.abort(reason);
    });
  on('SIGINT', 'INTERRUPTED');
  on('SIGTERM', 'TERMINATED');
  // A closed window or a lost ssh session must not cost a token that is on its way. Node makes it deadly at its start, under nohup(1) too.
  on('SIGHUP', 'TERMINATED');
}

function globalOptions(given: GivenOptions): GlobalOptions {
  const { account, env, home, json, quiet, verbose, input, color } = given;
  return {
    ...{ account, env, home },
    ...{
      json: json ?? false,
      quiet: quiet ?? false,
      verbosity: verbose ?? 0,
      input: input ?? true,
      color: color ?? true,
    },
  };
}

async function asLwiError(error: unknown, signal: AbortSignal, host: Host): Promise<LwiError> {
  if (signal.aborted && isLwiError(signal.reason)) return signal.reason;
  if (isLwiError(error)) return error;
  if (isCommanderError(error)) {
    const { meantLine } = await import('./shared/meant-line.ts');
    const { BUILT_IN } = await import('../src/providers/registry.ts');
    const program = buildProgram(() => async () => {}, host.stdout);
    const typed = { program, words: ownWords(host), known: [...COMMAND_NAMES, ...BUILT_IN.map(({ id }) => id)] };
    return usageError(error, COMMAND_NAMES, (path, mistyped) => meantLine(typed, path, mistyped));
  }
  return new LwiError(
    'INTERNAL',
    error instanceof Error ? `${error.name}: ${error.message}` : 'Something unknown was thrown.',
    {
      cause: error,
    },
  );
}

/** `given`: the global options that the parser has read; it reads them before anything else, so that a mistake elsewhere leaves them. */
async function report(error: LwiError, host: Host, given: GivenOptions): Promise<number> {
  const { openTerminal } = await import('../src/terminal.ts');
  const { json = false, quiet = false, color = true, verbose = 0 } = given;
  const terminal = await openTerminal({
    ...{ stdout: host.stdout, stderr: host.stderr, environment: host.env },
    ...{ json, quiet, color },
  });
  const { withGivenOptions } = await import('./shared/given-options.ts');
  terminal.error(error.withHint(withGivenOptions(error.hint, given)), verbose > 0);
  return error.exitCode;
}
