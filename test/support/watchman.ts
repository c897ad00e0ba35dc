import { spawn } from 'node:child_process';

/** Cleans up behind a process of the tests, however that ends. */
export interface Watchman {
  /** Lets it clean up now, and waits until it has. */
  dismiss(): Promise<void>;
}

/** Starts a shell that waits for the end of this process and then runs `script`, whose `$0` is `about`. */
export function watchman(script: string, about: string): Watchman {
  // Out of the terminal's reach, so that Ctrl-C does not end it before its work.
  const shell = spawn('/bin/sh', ['-c', `read -r _\n${script}`, about], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const gone = new Promise<void>((resolve) => shell.once('exit', () => resolve()));
  shell.unref();
  return {
    dismiss: () => {
      shell.ref();
      shell.stdin.end();
      return gone;
    },
  };
}
