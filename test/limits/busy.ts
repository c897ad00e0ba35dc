import { readFileSync } from 'node:fs';

/** A machine this busy says nothing of how much of a limit could be used. */
const TOO_BUSY = 0.8;

/**
 * Begins to watch the cores; what comes says, when it is called, why they were too busy meanwhile, or nothing. That is so when for most of the time somebody who
 * could have gone on had to wait for a core (https://docs.kernel.org/accounting/psi.html), which a test that mostly waits does not bring about by itself. Where the system does not
 * count that, no machine is busy.
 */
export function watchCores(): () => string | undefined {
  const [from, waited] = [process.hrtime.bigint(), waitedMicros()];
  return () => {
    const took = Number(process.hrtime.bigint() - from) / 1000;
    const share = (waitedMicros() - waited) / took;
    if (share <= TOO_BUSY) return undefined;
    return `processes waited for a core in ${Math.round(100 * share)} % of the time: the machine is too busy to tell`;
  };
}

function waitedMicros(): number {
  try {
    return Number(/^some .*total=(\d+)/m.exec(readFileSync('/proc/pressure/cpu', 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
