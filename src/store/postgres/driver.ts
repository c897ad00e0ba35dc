import pg from 'pg';
import { deadlineSignal } from '../../clock.ts';

/** A few connections to one database, made as they are needed. */
export type Pool = pg.Pool;
/** One connection, which is one session of the server. */
export type Client = pg.Client;
/** A connection on loan from a pool. */
export type PoolClient = pg.PoolClient;

/** How to connect: what `pg` takes. */
export type DriverSettings = pg.PoolConfig;

/** Opens no connection yet; what is asked on one goes without waiting for answers (https://node-postgres.com/features/pipelining). Whoever opens a pool must listen to its `error`: connections that break while nobody uses them. */
export function openPool(settings: DriverSettings): Pool {
  return new pg.Pool({ ...settings, types, pipeline: true });
}

/** A connection by itself; it is made by `connect`. Whoever opens one must listen to its `error`. */
export function openClient(settings: DriverSettings): Client {
  return new pg.Client({ ...settings, types });
}

/** How long a server may take to say good-bye, ms; on a cut network it never does. */
const END_MS = 1000;

/** Ends a connection. One that does not answer is cut off. */
export async function endClient(client: Client): Promise<void> {
  await orCutOff(client.end(), () => [client]);
}

/** Ends all connections of a pool, when those on loan have come back; those that have not by then are cut off. */
export async function endPool(pool: Pool): Promise<void> {
  // `pg` keeps them, but says nothing of them in its types.
  const { _clients } = pool as unknown as { _clients: readonly Client[] };
  await orCutOff(pool.end(), () => _clients);
}

async function orCutOff(ending: Promise<void>, left: () => readonly Client[]): Promise<void> {
  const { signal, done } = deadlineSignal(END_MS);
  const late = new Promise<void>((resolve) => {
    const cut = () => {
      for (const client of left()) socketOf(client).destroy();
      resolve();
    };
    signal.addEventListener('abort', cut, { once: true });
  });
  await Promise.race([ending, late]).finally(done);
}

/** What `pg` has for it (https://github.com/brianc/node-postgres/blob/master/packages/pg/lib/client.js). */
const socketOf = (client: Client) =>
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream;

/** OIDs of types whose values come otherwise than `pg` gives them (https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat). */
const INT8 = 20;
const TIMESTAMPTZ = 1184;

/** Numbers of eight bytes come as numbers: none of lwi's is beyond 2^53. Times come as ms since the epoch. */
const PARSERS = new Map<number, (text: string) => unknown>([
  [INT8, Number],
  [TIMESTAMPTZ, (text) => Date.parse(isoTime(text))],
]);

const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    PARSERS.get(oid) ?? pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
};

/** Every value as `pg` itself gives it. */
export const PLAIN_TYPES: pg.CustomTypesConfig = pg.types;

/** `2026-01-02 03:04:05.678+00`, as a server with DateStyle ISO writes it, the way that JavaScript reads. */
function isoTime(text: string): string {
  return text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00');
}
