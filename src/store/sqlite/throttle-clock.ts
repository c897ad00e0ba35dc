import type { SqliteDatabase } from './database.ts';
import type { SqliteStoreOptions } from './open.ts';

interface Row {
  readonly source: string;
  readonly ahead: number;
  readonly seen_at: number;
  readonly seen_wall: number;
}

/** The source where the machine has no uptime. */
const WALL = 'wall';

/** Wall clocks read by several processes arrive slightly out of order; a step back beyond this is the clock being set. */
const OUT_OF_ORDER_MS = 1000;
/** How often the time is noted for those that come after a restart, ms. */
const NOTE_MS = 250;

const READ = 'SELECT source, ahead, seen_at, seen_wall FROM throttle_clock';
const WRITE = `
INSERT INTO throttle_clock (one, source, ahead, seen_at, seen_wall) VALUES (1, :source, :ahead, :at, :wall)
ON CONFLICT DO UPDATE SET source = excluded.source, ahead = excluded.ahead, seen_at = excluded.seen_at, seen_wall = excluded.seen_wall`;

/** The time of the throttle's tables. */
export interface ThrottleClock {
  /** ms since some moment; never goes back. For work inside a write transaction. */
  tell(): number;
  /** The same for those who only look. */
  peek(): number;
  /** The source's own time, ms, without a look at the database: good for differences. */
  sample(): number;
}

/**
 * A time that is the same for all processes, goes on over restarts and is not moved when somebody sets a clock: the machine's uptime where there is
 * one, else the wall clock with its steps back taken out. A restart is bridged by the wall clock.
 */
export function throttleClock(db: SqliteDatabase, { now, uptime }: SqliteStoreOptions): ThrottleClock {
  function read() {
    const up = uptime?.();
    const wall = now();
    const source = up?.boot ?? WALL;
    const here = up?.ms ?? wall;
    const row = db.statement<Row>(READ).get();
    const ahead = row ? aheadOf(row, source, here, wall) : 0;
    return { row, source, ahead, at: here + ahead, wall };
  }
  return {
    peek: () => read().at,
    sample: () => uptime?.()?.ms ?? now(),
    tell: () => {
      const { row, source, ahead, at, wall } = read();
      const told = Math.max(at, row?.seen_at ?? at);
      const stale = row === undefined || row.source !== source || row.ahead !== ahead || told - row.seen_at >= NOTE_MS;
      if (stale) db.statement(WRITE).run({ source, ahead, at: told, wall });
      return at;
    },
  };
}

function aheadOf(row: Row, source: string, here: number, wall: number): number {
  // Another boot, or a wall clock that was set back by an unknown amount: as much time has passed as the wall clock admits.
  const bridged = () => row.seen_at + Math.max(0, wall - row.seen_wall) - here;
  if (row.source !== source) return bridged();
  const back = source === WALL && row.seen_at - (here + row.ahead) > OUT_OF_ORDER_MS;
  return back ? bridged() : row.ahead;
}
