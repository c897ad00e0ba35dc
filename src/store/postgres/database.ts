import { LwiError } from '../../errors.ts';
import { type Asking, type ConnectionPool, connectionPool } from './connection-pool.ts';
import type { ConnectionSettings } from './connection-url.ts';
import { type Client, openClient, PLAIN_TYPES } from './driver.ts';
import { isConnectionLost, isSerializationTrouble, storeError } from './errors.ts';
import { lockNumber } from './lock-number.ts';
import type { Patience } from './patience.ts';
import type { Work } from './read-together.ts';
import { type Answer, ask, onlyReads, queriesOf } from './statements.ts';

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
  readonly #pool: ConnectionPool;
  readonly #asking: Asking;

  constructor(settings: ConnectionSettings, pool = connectionPool(settings), asking: Asking = {}) {
    this.settings = settings;
    this.place = settings.place;
    this.#pool = pool;
    this.#asking = asking;
  }

  /**
   * The same database on the same connections, for work that a short absence of the server must not end: connections are waited for, and a statement that only
   * reads is asked again when its connection breaks. One that may have written is not: STORE_AWAY.
   */
  patient(patience: Patience): PostgresDatabase {
    return new PostgresDatabase(this.settings, this.#pool, { ...this.#asking, patience });
  }

  /** The same database, for what must not wait for other work of this process, and is short: a lease that is prolonged, a claim. */
  urgent(): PostgresDatabase {
    return new PostgresDatabase(this.settings, this.#pool, { ...this.#asking, urgent: true });
  }

  async rows<Row = never>(sql: string, values?: readonly Value[]): Promise<Row[]> {
    return (await this.#ask<Row>(sql, values)).rows;
  }

  async row<Row = never>(sql: string, values?: readonly Value[]): Promise<Row | undefined> {
    return (await this.rows<Row>(sql, values))[0];
  }

  async run(sql: string, values?: readonly Value[]): Promise<number> {
    return (await this.#ask(sql, values)).rowCount;
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
    await this.#reported(() => this.#onConnection((client) => client.query(sql)));
  }

  /** For a library that brings its own SQL: values come as `pg` gives them, nothing is prepared, and there may be several statements where nothing is bound. */
  async plain(text: string, values: unknown[] = []): Promise<{ rows: unknown[] }> {
    return this.#reported(() => this.#onConnection((client) => client.query({ text, values, types: PLAIN_TYPES })));
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
    await this.#pool.close();
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
    return this.#onConnection(async (client, lose) => {
      try {
        await client.query(begin);
        const done = await work(queriesOf(client));
        await client.query('COMMIT');
        return done;
      } catch (error) {
        if (!isConnectionLost(error)) await client.query('ROLLBACK').catch(lose);
        throw error;
      }
    });
  }

  async #ask<Row>(sql: string, values?: readonly Value[]): Promise<Answer<Row>> {
    return this.#reported(() => {
      if (!onlyReads(sql)) return this.#onConnection((client) => ask<Row>(client, sql, values));
      const read = () => this.#pool.read<Row>(sql, values);
      const { patience } = this.#asking;
      return patience ? patience.through(read, isConnectionLost) : read();
    });
  }

  #onConnection<T>(work: Work<T>): Promise<T> {
    return this.#pool.on(this.#asking, work);
  }

  async #reported<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw withTrueSource(storeError(error, this.place), this.settings);
    }
  }
}

/** Hints name LWI_DATABASE_URL, where another one may have named the database, and the password. */
function withTrueSource(error: unknown, { source, loginHint }: ConnectionSettings): unknown {
  if (!(error instanceof LwiError)) return error;
  if (error.code === 'STORE_REFUSED' && error.facts.hint === undefined) return error.withHint(loginHint());
  return source !== 'LWI_DATABASE_URL' && error.hint.includes('LWI_DATABASE_URL')
    ? error.withHint(error.hint.replaceAll('LWI_DATABASE_URL', source))
    : error;
}
