import pg from 'pg';

/** A few connections to one database, made as they are needed. */
export type Pool = pg.Pool;
/** One connection, which is one session of the server. */
export type Client = pg.Client;
/** A connection on loan from a pool. */
export type PoolClient = pg.PoolClient;

/** How to connect: what `pg` takes. */
export type DriverSettings = pg.PoolConfig;

/** Opens no connection yet. Whoever opens a pool must listen to its `error`: connections that break while nobody uses them. */
export function openPool(settings: DriverSettings): Pool {
  return new pg.Pool({ ...settings, types });
}

/** A connection by itself; it is made by `connect`. Whoever opens one must listen to its `error`. */
export function openClient(settings: DriverSettings): Client {
  return new pg.Client({ ...settings, types });
}

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
