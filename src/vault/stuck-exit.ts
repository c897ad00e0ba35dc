/** The parts of `process` that leave a process whose threads do not end. */
interface Leaving {
  on(event: 'exit', listener: (code: number) => void): unknown;
  readonly env: NodeJS.ProcessEnv;
  execve?(file: string, args: readonly string[], env: NodeJS.ProcessEnv): never;
}

/**
 * Makes the coming exit of `host` immediate, with its exit code kept. Node joins its worker threads on the way out; one that
 * waits in a hanging keychain would hold the process for as long as that hangs (libuv, `uv_library_shutdown`). Replacing
 * the process by one that does nothing but exit ends the threads at once. Where there is no execve (Windows) threads are
 * not joined, and nothing needs to be done.
 */
export function exitPastStuckThread(host: Leaving): void {
  host.on('exit', (code) => host.execve?.('/bin/sh', ['sh', '-c', `exit ${Number(code)}`], {}));
}
