import { isMainThread } from 'node:worker_threads';
import { loadChunk } from './load-chunk.mts';

// The one script of the executable, in all of its threads.
if (isMainThread) start();
else loadChunk('accept-thread.cjs');

/** What bin/lwi.js does, but for what needs files of its own: the right Node is inside, and compiled code lies beside the text. */
function start(): void {
  const umask = process.umask(0o077);
  // Should nothing be left to do before main has an end, that is a failure.
  process.exitCode = 1;
  const { main } = loadChunk('lwi.cjs') as typeof import('../../commands/main.ts');
  main(process, { umask, self: [process.execPath] }).then((code) => {
    // Output has been written by now; a stuck keychain call or an idle connection must not keep a finished command alive.
    process.exit(code);
  });
}
