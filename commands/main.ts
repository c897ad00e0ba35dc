import { homedir } from 'node:os';
import type { Context } from '../src/context.ts';
import { isLwiError, LwiError } from '../src/errors.ts';
import type { GlobalOptions, Host } from '../src/host.ts';
import { outputOn } from '../src/output.ts';
import { exitPastStuckThread } from '../src/vault/stuck-exit.ts';
import { buildProgram, isCommanderError } from './program.ts';
import type { Run } from './shared/define.ts';

/** Runs one command line and resolves to the exit code of the process. The only place where an error becomes text and a code. */
export async function main(process: NodeJS.Process): Promise<number> {
  const host = hostOf(process);
  const stop = new AbortController();
  let code = 0;
  const run: Run =
    (handler) =>
    async (...input) => {
      const command = input.pop() as { optsWithGlobals(): GlobalOptions };
      const options = input.pop() as never;
      listen(process, stop);
      const { createContext } = await import('../src/context.ts');
      const context = await createContext(host, globalOptions(command.optsWithGlobals(), host), stop.signal);
      try {
        code = (await withStop(context, () => handler(context, options, ...(input as never)))) ?? 0;
      } finally {
        await context.close();
      }
    };
  try {
    await buildProgram(run, host.stdout, host.argv.includes('help') ? undefined : host.argv).parseAsync(
      [...host.argv],
      {
        from: 'user',
      },
    );
    return code;
  } catch (error) {
    if (isCommanderError(error) && (error.exitCode === 0 || error.code === 'commander.help')) return 0;
    return report(asLwiError(error, stop.signal), host);
  }
}

/** stdin is made on first use only: it costs milliseconds, and few commands read it. */
function hostOf(process: NodeJS.Process): Host {
  return {
    ...{ argv: process.argv.slice(2), env: process.env, platform: process.platform, pid: process.pid, homedir },
    self: [process.execPath, ...process.execArgv, process.argv[1] ?? ''],
    leaveAtOnce: () => exitPastStuckThread(process),
    stdout: outputOn(1, () => process.stdout),
    stderr: outputOn(2, () => process.stderr),
    get stdin() {
      return process.stdin;
    },
  };
}

/** A stop ends the wait for the handler's promise as well, in case something inside does not listen to the signal. */
async function withStop<T>(context: Context, work: () => Promise<T>): Promise<T> {
  const { signal } = context;
  signal.throwIfAborted();
  let onAbort = () => {};
  const stopped = new Promise<never>((_, reject) => {
    // Work that heeds the signal ends first and cleans up; the rest gets a moment.
    onAbort = () =>
      void context.clock.sleep(GRACE_MS).then(() => {
        // What has not ended by now may hang in the system (a pipe that nobody opens), and hold the exit too.
        context.host.leaveAtOnce();
        reject(signal.reason);
      });
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work(), stopped]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

const GRACE_MS = 2000;

function listen(process: NodeJS.Process, stop: AbortController): void {
  const on = (signal: 'SIGINT' | 'SIGTERM', code: 'INTERRUPTED' | 'TERMINATED') =>
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
}

function globalOptions(given: GlobalOptions & { verbose?: number }, host: Host): GlobalOptions {
  const { account, env, home, json, quiet, verbose, input, color } = given;
  return {
    ...{ account, env, home: home ?? (host.env['LWI_HOME'] || undefined) },
    ...{
      json: json ?? false,
      quiet: quiet ?? false,
      verbosity: verbose ?? 0,
      input: input ?? true,
      color: color ?? true,
    },
  };
}

function asLwiError(error: unknown, signal: AbortSignal): LwiError {
  if (signal.aborted && isLwiError(signal.reason)) return signal.reason;
  if (isLwiError(error)) return error;
  if (isCommanderError(error))
    return new LwiError('USAGE', error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' '));
  return new LwiError(
    'INTERNAL',
    error instanceof Error ? `${error.name}: ${error.message}` : 'Something unknown was thrown.',
    {
      cause: error,
    },
  );
}

async function report(error: LwiError, host: Host): Promise<number> {
  const { openTerminal } = await import('../src/terminal.ts');
  const has = (...names: string[]) => host.argv.some((word) => names.includes(word));
  const terminal = await openTerminal({
    ...{ stdout: host.stdout, stderr: host.stderr, environment: host.env },
    ...{ json: has('--json'), quiet: has('-q', '--quiet'), color: !has('--no-color') },
  });
  const verbose = has('--verbose') || host.argv.some((word) => /^-v+$/.test(word));
  terminal.error(error, verbose);
  return error.exitCode;
}
