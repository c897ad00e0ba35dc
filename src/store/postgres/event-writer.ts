import { isLwiError } from '../../errors.ts';
import type { Inbox, NewEvent } from '../inbox.ts';
import { acceptEvents } from './accept-events.ts';
import { PostgresDatabase } from './database.ts';
import type { MachineTime } from './machine-time.ts';

/** How long a batch waits for a connection, and then for its answer, ms: whoever sent what is in it wants an answer within three seconds. */
const PATIENCE_MS = 1000;
/** As many batches as are under way at once. */
const CONNECTIONS = 2;
/** One that was lost on the way before this, ms, is asked again. */
const AGAIN_MS = 500;

export interface EventWriter extends Pick<Inbox, 'acceptEvents'> {
  /** After what is under way. */
  close(): Promise<void>;
}

/** Stores events over connections of its own, on which nothing is waited for longer than a sender would. */
export function eventWriter({ settings }: PostgresDatabase, time: MachineTime): EventWriter {
  const db = new PostgresDatabase({
    ...settings,
    driver: {
      ...settings.driver,
      ...{ max: CONNECTIONS, connectionTimeoutMillis: PATIENCE_MS, statement_timeout: PATIENCE_MS },
      // A server that is cut off does not even say that it was too slow.
      query_timeout: PATIENCE_MS + 100,
      options: `${settings.driver.options ?? ''} -c lock_timeout=${PATIENCE_MS}`,
    },
  });
  const underWay = new Set<Promise<unknown>>();

  async function store(batch: readonly NewEvent[]): Promise<readonly ('new' | 'duplicate')[]> {
    const [, began] = time.values();
    try {
      return await acceptEvents(db, time, batch);
    } catch (error) {
      const [, now] = time.values();
      // The connection broke: it may be stored, and then it comes back as a duplicate.
      if (!isLwiError(error, 'STORE_AWAY') || Math.abs(now - began) > AGAIN_MS) throw error;
      return acceptEvents(db, time, batch);
    }
  }

  return {
    acceptEvents: async (batch) => {
      const stored = store(batch);
      underWay.add(stored);
      try {
        return await stored;
      } finally {
        underWay.delete(stored);
      }
    },
    close: async () => {
      await Promise.allSettled(underWay);
      await db.close();
    },
  };
}
