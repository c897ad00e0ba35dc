import type { Context } from '../../src/context.ts';

/** How long work has to end after a stop, ms. */
const GRACE_MS = 2000;

/** A stop ends the wait for the handler's promise as well, in case something inside does not listen to the signal; not while work is `held`. */
export async function withStop<T>(
  context: Context,
  held: ReadonlySet<Promise<unknown>>,
  work: () => Promise<T>,
): Promise<T> {
  const { signal, clock, terminal, host } = context;
  signal.throwIfAborted();
  let onAbort = () => {};
  const stopped = new Promise<never>((_, reject) => {
    // Work that heeds the signal ends first and cleans up; the rest gets a moment.
    const leave = async () => {
      await clock.sleep(GRACE_MS);
      if (held.size > 0)
        terminal.info('Waiting for the provider, so that nothing is left half done. Stop again to leave at once.');
      while (held.size > 0) await clock.sleep(GRACE_MS);
      // What has not ended by now may hang in the system (a pipe that nobody opens), and hold the exit too.
      host.leaveAtOnce();
      reject(signal.reason);
    };
    onAbort = () => void leave();
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work(), stopped]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
