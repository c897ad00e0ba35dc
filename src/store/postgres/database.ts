import { LwiError } from '../../errors.ts';
import type { ConnectionSettings } from './connection-url.ts';
import { type Client, openClient, openPool, PLAIN_TYPES, type Pool, type PoolClient } from './driver.ts';
import { isConnectionLost, isSerializationTrouble, storeError } from './errors.ts';
import { lockNumber } from './lock-number.ts';

/** What a statement may bind; undefined becomes NULL. */
export type Value =
  | string
  | number
  | boolean
  | Uint8Array
  | null
  | undefined
  | readonly (string | number | boolean | Uint8Array | null)[];

/** Runs statements with `$1`, `$2`, …; each is prepared once for each connection. */
export interface Queries {
  rows<Row = never>(sql: string, values?: readonly Value[]): Promise<Row[]>;
  /** The first row. */
  row<Row = never>(sql: string, values?: readonly Value[]): Promise<Row | undefined>;
  /** How many rows it changed. */
  run(sql: string, values?: readonly Value[]): Promise<number>;
  /** Several statements without values, e.g. those of a schema. */
  script(sql: string): Promise<void>;
}

/** How often work is done again whose transaction met another one. */
const ATTEMPTS = 5;

/** One database. Single statements are transactions by themselves; errors come out as LwiError. */
export class PostgresDatabase implements Queries {
  /** Names it in messages, without its password. */
  readonly place: string;
  readonly settings: ConnectionSettings;
  readonly #pool: Pool;
  #closed: Promise<void> | undefined;

  constructor(settings: ConnectionSettings) {
    this.settings = settings;
    this.place = settings.place;
    this.#pool = openPool(settings.driver);
    // A connection that nobody uses has broken: the pool makes another one when it is asked.
    this.#pool.on('error', () => {});
  }

  async rows<Row = never>(sql: string, values?: readonly Value[]): Promise<Row[]> {
    return this.#reported(async () => (await ask<Row>(this.#pool, sql, values)).rows);
  }

  async row<Row = never>(sql: string, values?: readonly Value[]): Promise<Row | undefined> {
    return (await this.rows<Row>(sql, values))[0];
  }

  async run(sql: string, values?: readonly Value[]): Promise<number> {
    return this.#reported(async () => (await ask(this.#pool, sql, values)).rowCount ?? 0);
  }

  /** Runs `work` in one transaction: all of it or nothing stays. It is done again when the transaction met another one, so it must change nothing else. */
  async write<T>(work: (tx: Queries) => Promise<T>): Promise<T> {
    return this.#transaction('BEGIN', work);
  }

  /**
   * The same for what is of use for minutes only: it is not waited for until the disk has it, so that it may be lost with the power, never torn
   * (https://www.postgresql.org/docs/current/wal-async-commit.html).
   */
  async writeLightly<T>(work: (tx: Queries) => Promise<T>): Promise<T> {
    return this.#transaction('BEGIN; SET LOCAL synchronous_commit TO off', work);
  }

  /**
   * The same as `write` in one round trip less, after waiting for locks that end with the transaction. Whoever stops in the midst of it loses his session, and with it
   * the locks, after two seconds. Statements are planned once for each connection, whatever they bind, so that the locks are held for less long.
   */
  async writeUnder<T>(locks: readonly (readonly string[])[], work: (tx: Queries) => Promise<T>): Promise<T> {
    const taken = locks.map(lockNumber).sort();
    const lock = taken.map((number) => `; SELECT pg_advisory_xact_lock(${number})`).join('');
    return this.#transaction(
      `BEGIN; SET LOCAL idle_in_transaction_session_timeout TO 2000; SET LOCAL plan_cache_mode TO force_generic_plan${lock}`,
      work,
    );
  }

  async script(sql: string): Promise<void> {
    await this.#reported(() => this.#pool.query(sql));
  }

  /** For a library that brings its own SQL: values come as `pg` gives them, nothing is prepared, and there may be several statements where nothing is bound. */
  async plain(text: string, values: unknown[] = []): Promise<{ rows: unknown[] }> {
    return this.#reported(() => this.#pool.query({ text, values, types: PLAIN_TYPES }));
  }

  /** A connection beside the pool, connected. Whoever takes it ends it, and listens to its `error`. */
  async session(): Promise<Client> {
    return this.#reported(async () => {
      const client = openClient(this.settings.driver);
      client.on('error', () => {});
      await client.connect();
      return client;
    });
  }

  /** Statements on such a connection. */
  on(client: Client): Queries {
    const { rows, run, script } = queriesOf(client);
    const reported: Queries['rows'] = (sql, values) => this.#reported(() => rows(sql, values));
    return {
      rows: reported,
      row: async <Row>(sql: string, values?: readonly Value[]) => (await reported<Row>(sql, values))[0],
      run: (sql, values) => this.#reported(() => run(sql, values)),
      script: (sql) => this.#reported(() => script(sql)),
    };
  }

  /** A second call does nothing more. */
  async close(): Promise<void> {
    this.#closed ??= this.#pool.end();
    await this.#closed;
  }

  async #transaction<T>(begin: string, work: (tx: Queries) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#reported(() => this.#once(begin, work));
      } catch (error) {
        if (attempt === ATTEMPTS || !(error instanceof LwiError) || !isSerializationTrouble(error.cause)) throw error;
      }
    }
  }

  async #once<T>(begin: string, work: (tx: Queries) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let broken: unknown;
    // Without a listener a connection that breaks between two statements would end the process.
    const breaks = (error: unknown) => {
      broken = error;
    };
    client.on('error', breaks);
    try {
      await client.query(begin);
      const done = await work(queriesOf(client));
      await client.query('COMMIT');
      return done;
    } catch (error) {
      if (isConnectionLost(error)) broken ??= error;
      else await client.query('ROLLBACK').catch((failed: unknown) => (broken ??= failed));
      throw error;
    } finally {
      client.off('error', breaks);
      client.release(broken !== undefined);
    }
  }

  async #reported<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw storeError(error, this.place);
    }
  }
}

/** Statements on one connection; errors come as they are. */
function queriesOf(client: Pool | PoolClient | Client): Queries {
  const rows = async <Row>(sql: string, values?: readonly Value[]) => (await ask<Row>(client, sql, values)).rows;
  return {
    rows,
    row: async <Row>(sql: string, values?: readonly Value[]) => (await rows<Row>(sql, values))[0],
    run: async (sql, values) => (await ask(client, sql, values)).rowCount ?? 0,
    script: async (sql) => void (await client.query(sql)),
  };
}

/** Names of the prepared statements, the same on every connection. */
const names = new Map<string, string>();

async function ask<Row>(client: Pool | PoolClient | Client, text: string, values: readonly Value[] = []) {
  let name = names.get(text);
  if (name === undefined) {
    name = `lwi${names.size + 1}`;
    names.set(text, name);
  }
  const { rows, rowCount } = await client.query({ name, text, values: values as unknown[] });
  return { rows: rows as Row[], rowCount };
}
