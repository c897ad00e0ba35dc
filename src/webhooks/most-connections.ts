import { readFileSync } from 'node:fs';

/** As many at most, and as many where the system does not say what a process may have: a connection that is idle takes about 15 kB. */
export const MOST_CONNECTIONS = 1000;
const UNKNOWN = 200;

/** How many connections a receiver may have: at most half of the files that this process may open, since the store and the ways out need some too. */
export function mostConnections(): number {
  const limit = openFiles();
  return limit === undefined ? UNKNOWN : Math.min(MOST_CONNECTIONS, Math.max(1, Math.floor(limit / 2)));
}

/** The limit of open files (proc_pid_limits(5)); Node has raised it to the hard one at its start. */
function openFiles(): number | undefined {
  try {
    const [, soft] = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === 'unlimited' ? Number.POSITIVE_INFINITY : soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}
