import type { Queries, Value } from './database.ts';
import type { Client, PoolClient } from './driver.ts';

export interface Answer<Row> {
  readonly rows: Row[];
  /** Rows that were read or changed. */
  readonly rowCount: number;
}

interface Known {
  /** Of the prepared statement, the same on every connection. */
  readonly name: string;
  readonly onlyReads: boolean;
}

const statements = new Map<string, Known>();

/** What these words stand in may change something, whatever it begins with. */
const CHANGES = /\b(INSERT|UPDATE|DELETE|SHARE|nextval|setval|set_config|pg_\w*(lock|cancel|terminate|clear)\w*)\b/i;

function known(text: string): Known {
  let statement = statements.get(text);
  if (!statement) {
    const onlyReads = /^\s*(SELECT|WITH)\b/.test(text) && !CHANGES.test(text);
    statement = { name: `lwi${statements.size + 1}`, onlyReads };
    statements.set(text, statement);
  }
  return statement;
}

/** Whether a statement only reads, so that it may be asked twice. */
export const onlyReads = (text: string): boolean => known(text).onlyReads;

/** Runs one statement, which is prepared once for each connection. */
export async function ask<Row>(
  client: PoolClient | Client,
  text: string,
  values: readonly Value[] = [],
): Promise<Answer<Row>> {
  const { name } = known(text);
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
