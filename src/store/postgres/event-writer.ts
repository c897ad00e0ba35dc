import { isLwiError } from '../../errors.ts';
import { eventBytes } from '../event-bytes.ts';
import type { Inbox, NewEvent } from '../inbox.ts';
import { acceptEvents } from './accept-events.ts';
import { PostgresDatabase } from './database.ts';
import type { MachineTime } from './machine-time.ts';

/** How long a batch waits for a connection, and then for its answer, ms: whoever sent what is in it wants an answer within three seconds. */
const PATIENCE_MS = 1000;
/**
 * A batch of more bytes than this has longer until its answer, ms, on connections that are made for such: when a sender has given up, his event is stored all the
 * same, and the next time it is a duplicate. 48 MiB took 10 s on two busy cores.
 */
const LARGE_BYTES = 512 * 1024;
const LARGE_PATIENCE_MS = 20_000;
/** Less than that, so that the server says what it was that took so long, ms. */
const LOCK_MS = 900;
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
  const open = (patienceMs: number) =>
    new PostgresDatabase({
      ...settings,
      driver: {
        ...settings.driver,
        ...{ max: CONNECTIONS, connectionTimeoutMillis: PATIENCE_MS, statement_timeout: patienceMs },
        // A server that is cut off does not even say that it was too slow.
        query_timeout: patienceMs + 100,
        options: `${settings.driver.options ?? ''} -c lock_timeout=${LOCK_MS}`,
      },
    });
  const usual = open(PATIENCE_MS);
  const patient = open(LARGE_PATIENCE_MS);
  const underWay = new Set<Promise<unknown>>();

  async function store(batch: readonly NewEvent[]): Promise<readonly ('new' | 'duplicate')[]> {
    const [, began] = time.values();
    const isLarge = batch.reduce((sum, event) => sum + eventBytes(event), 0) > LARGE_BYTES;
    const db = isLarge ? patient : usual;
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
      await Promise.all([usual.close(), patient.close()]);
    },
  };
}
