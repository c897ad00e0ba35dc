import { LwiError } from '../../errors.ts';
import type { ConnectionSettings } from './connection-url.ts';
import { type Client, endPool, openClient, openPool, PLAIN_TYPES, type Pool, type PoolClient } from './driver.ts';
import { isConnectionLost, isSerializationTrouble, storeError } from './errors.ts';
import { type Lanes, lanes } from './lanes.ts';
import { lockNumber } from './lock-number.ts';
import type { Patience } from './patience.ts';
import { type Read, readTogether, type Work } from './read-together.ts';
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

interface Shared {
  readonly pool: Pool;
  readonly read: Read;
  readonly lanes: Lanes;
  readonly patience: Patience | undefined;
  readonly urgent: boolean;
}

/** For a connection of a pool, where nothing says how long a statement may take, ms. */
const LONGEST_WAIT_MS = 30_000;

/** How often work is done again whose transaction met another one. */
const ATTEMPTS = 5;

/** One database. Single statements are transactions by themselves; errors come out as LwiError. */
export class PostgresDatabase implements Queries {
  /** Names it in messages, without its password. */
  readonly place: string;
  readonly settings: ConnectionSettings;
  readonly #pool: Pool;
  readonly #read: Read;
  readonly #lanes: Lanes;
  readonly #patience: Patience | undefined;
  readonly #urgent: boolean;
  #closed: Promise<void> | undefined;

  constructor(settings: ConnectionSettings, shared: Partial<Shared> = {}) {
    const { pool, read, patience, urgent = false } = shared;
    const { max = 1, query_timeout } = settings.driver;
    this.settings = settings;
    this.place = settings.place;
    this.#patience = patience;
    this.#urgent = urgent;
    this.#pool = pool ?? openPool(settings.driver);
    // By then a statement has ended, whatever it is, and another one may have its connection.
    this.#lanes = shared.lanes ?? lanes(settings.place, max, query_timeout || LONGEST_WAIT_MS);
    this.#read = read ?? readTogether((work) => this.#onConnection(work));
    // A connection that nobody uses has broken: the pool makes another one when it is asked.
    if (!pool) this.#pool.on('error', () => {});
  }

  /**
   * The same database on the same connections, for work that a short absence of the server must not end: connections are waited for, and a statement that only
   * reads is asked again when its connection breaks. One that may have written is not: STORE_AWAY.
   */
  patient(patience: Patience): PostgresDatabase {
    return new PostgresDatabase(this.settings, { ...this.#shared(), patience });
  }

  /** The same database, for what must not wait for other work of this process, and is short: a lease that is prolonged, a claim. */
  urgent(): PostgresDatabase {
    return new PostgresDatabase(this.settings, { ...this.#shared(), urgent: true });
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
    this.#closed ??= endPool(this.#pool);
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
      const read = () => this.#read<Row>(sql, values);
      return this.#patience ? this.#patience.through(read, isConnectionLost) : read();
    });
  }

  /** Runs `work` on a connection of the pool. What has broken, as is seen or as `lose` is told, does not go back there. */
  async #onConnection<T>(work: Work<T>): Promise<T> {
    const lane = this.#lane();
    // What is asked before the pool is ended has its connection by then.
    const leave = lane instanceof Promise ? await lane : lane;
    try {
      return await this.#onOwn(await this.#connection(), work);
    } finally {
      leave();
    }
  }

  async #onOwn<T>(client: PoolClient, work: Work<T>): Promise<T> {
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

  #lane(): (() => void) | Promise<() => void> {
    const entering = this.#lanes.enter(this.#urgent);
    const waits = entering instanceof Promise && this.#patience;
    return waits ? waits.unlessStopped(entering, (leave) => leave()) : entering;
  }

  #shared(): Shared {
    return {
      ...{ pool: this.#pool, read: this.#read, lanes: this.#lanes },
      ...{ patience: this.#patience, urgent: this.#urgent },
    };
  }

  /** Until there is one, nothing was sent. */
  #connection(): Promise<PoolClient> {
    const patience = this.#patience;
    const connect = () => this.#pool.connect();
    if (!patience) return connect();
    const back = (late: PoolClient) => late.release();
    return patience.through(() => patience.unlessStopped(connect(), back), isConnectionLost);
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
