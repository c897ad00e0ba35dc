import { aheadOf, type ClockRow, toNote, WALL } from '../throttle/clock.ts';
import type { SqliteDatabase } from './database.ts';
import type { SqliteStoreOptions } from './open.ts';

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
    const row = db.statement<ClockRow>(READ).get();
    const ahead = aheadOf(row, source, here, wall);
    return { row, source, ahead, at: here + ahead, wall };
  }
  return {
    peek: () => read().at,
    sample: () => uptime?.()?.ms ?? now(),
    tell: () => {
      const { row, source, ahead, at, wall } = read();
      const told = toNote(row, source, ahead, at);
      if (told !== undefined) db.statement(WRITE).run({ source, ahead, at: told, wall });
      return at;
    },
  };
}
