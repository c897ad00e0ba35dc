import type { Queries, Value } from './database.ts';
import type { Client, PoolClient } from './driver.ts';

/** Names of the prepared statements, the same on every connection. */
const names = new Map<string, string>();

/** Runs one statement, which is prepared once for each connection. */
export async function ask<Row>(client: PoolClient | Client, text: string, values: readonly Value[] = []) {
  let name = names.get(text);
  if (name === undefined) {
    name = `lwi${names.size + 1}`;
    names.set(text, name);
  }
  const { rows, rowCount } = await client.query({ name, text, values: values as unknown[] });
  return { rows: rows as Row[], rowCount: rowCount ?? 0 };
}

/** Statements on one connection; errors come as they are. */
export function queriesOf(client: PoolClient | Client): Queries {
  const rows = async <Row>(sql: string, values?: readonly Value[]) => (await ask<Row>(client, sql, values)).rows;
  return {
    rows,
    row: async <Row>(sql: string, values?: readonly Value[]) => (await rows<Row>(sql, values))[0],
    run: async (sql, values) => (await ask(client, sql, values)).rowCount,
    script: async (sql) => void (await client.query(sql)),
  };
}
