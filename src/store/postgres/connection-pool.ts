import type { ConnectionSettings } from './connection-url.ts';
import { endPool, openPool, type PoolClient } from './driver.ts';
import { isConnectionLost } from './errors.ts';
import { lanes } from './lanes.ts';
import type { Patience } from './patience.ts';
import { type Read, readTogether, type Work } from './read-together.ts';

/** How one asks for a connection. */
export interface Asking {
  /** Waits for a server that is away for moments; absent: does not. */
  readonly patience?: Patience | undefined;
  /** Goes before other work of this process. */
  readonly urgent?: boolean | undefined;
}

/** The connections of a process to one database, made as they are needed, and as many at once as its settings say. */
export interface ConnectionPool {
  /** Runs `work` on one of them. What has broken, as is seen or as `lose` is told, is not used again. */
  on<T>(asking: Asking, work: Work<T>): Promise<T>;
  /** Reads what is asked for in one turn together, on one of them. */
  readonly read: Read;
  /** A second call does nothing more. */
  close(): Promise<void>;
}

/** Where nothing says how long a statement may take, ms. */
const LONGEST_WAIT_MS = 30_000;

export function connectionPool({ place, driver }: ConnectionSettings): ConnectionPool {
  const { max = 1, query_timeout } = driver;
  const pool = openPool(driver);
  // A connection that nobody uses has broken: the pool makes another one when it is asked.
  pool.on('error', () => {});
  // By then a statement has ended, whatever it is, and another one may have its connection.
  const waiting = lanes(place, max, query_timeout || LONGEST_WAIT_MS);
  let closed: Promise<void> | undefined;

  function enter({ patience, urgent = false }: Asking): (() => void) | Promise<() => void> {
    const entering = waiting.enter(urgent);
    return entering instanceof Promise && patience ? patience.unlessStopped(entering, (leave) => leave()) : entering;
  }

  /** Until there is one, nothing was sent. */
  function connect(patience: Patience | undefined): Promise<PoolClient> {
    if (!patience) return pool.connect();
    const back = (late: PoolClient) => late.release();
    return patience.through(() => patience.unlessStopped(pool.connect(), back), isConnectionLost);
  }

  async function on<T>(asking: Asking, work: Work<T>): Promise<T> {
    const lane = enter(asking);
    // What is asked before the pool is ended has its connection by then.
    const leave = lane instanceof Promise ? await lane : lane;
    try {
      return await workOn(await connect(asking.patience), work);
    } finally {
      leave();
    }
  }

  return {
    on,
    // Each of those who ask has a patience of his own.
    read: readTogether((work) => on({}, work)),
    close: async () => {
      closed ??= endPool(pool);
      await closed;
    },
  };
}

async function workOn<T>(client: PoolClient, work: Work<T>): Promise<T> {
  let broken: unknown;
  const lose = (error: unknown) => {
    broken ??= error;
  };
  // Without a listener a connection that breaks between two statements would end the process.
  client.on('error', lose);
  try {
    return await work(client, lose);
  } catch (error) {
    if (isConnectionLost(error)) lose(error);
    throw error;
  } finally {
    client.off('error', lose);
    client.release(broken !== undefined);
  }
}
