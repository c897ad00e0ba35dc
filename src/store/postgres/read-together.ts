import type { Value } from './database.ts';
import type { PoolClient } from './driver.ts';
import { isConnectionLost } from './errors.ts';
import { type Answer, ask } from './statements.ts';

/** Work on a connection of a pool; one that `lose` is told of does not go back there. */
export type Work<T> = (client: PoolClient, lose: (error: unknown) => void) => Promise<T>;

/** Runs one statement, which only reads. */
export type Read = <Row>(sql: string, values?: readonly Value[]) => Promise<Answer<Row>>;

interface Reading {
  on(client: PoolClient): Promise<unknown>;
  failed(error: unknown): void;
}

/**
 * Reads what is asked for in one turn of the event loop over one connection, all of it in one round trip. A new connection costs the server a process, which must
 * learn the tables anew; so a command that only looks is done with one.
 */
export function readTogether(onConnection: <T>(work: Work<T>) => Promise<T>): Read {
  let asked: Reading[] = [];

  async function readAll(): Promise<void> {
    const all = asked;
    asked = [];
    try {
      await onConnection(async (client, lose) => {
        const ends = await Promise.allSettled(all.map((each) => each.on(client)));
        for (const end of ends) if (end.status === 'rejected' && isConnectionLost(end.reason)) lose(end.reason);
      });
    } catch (error) {
      for (const each of all) each.failed(error);
    }
  }

  return <Row>(sql: string, values?: readonly Value[]) =>
    new Promise<Answer<Row>>((resolve, reject) => {
      const on = async (client: PoolClient) => {
        const answer = ask<Row>(client, sql, values);
        answer.then(resolve, reject);
        await answer;
      };
      asked.push({ on, failed: reject });
      if (asked.length === 1) setImmediate(() => void readAll());
    });
}
