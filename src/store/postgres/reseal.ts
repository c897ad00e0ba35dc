import { bytes } from '../connection-row.ts';
import { SEALED_TABLES, type SealedTable } from '../sealed-tables.ts';
import type { SealedPlace, Store } from '../store.ts';
import type { PostgresDatabase, Queries } from './database.ts';
import { replaceClaimedKey } from './meta.ts';

type Change = (envelope: Uint8Array, place: SealedPlace) => Uint8Array;

type Row = { readonly key: string[]; readonly account: string; readonly provider: string; readonly row: string } & {
  readonly envelopes: readonly (Uint8Array | null)[];
};

/** Tables with the names of their accounts, and the columns by which a row is found again, as text. */
const SOURCES: Readonly<Record<SealedTable['table'], { from: string; account: string; key: readonly string[] }>> = {
  oauth_tokens: {
    from: 'oauth_tokens AS t JOIN accounts AS a ON a.id = t.account_id',
    account: 'a.name',
    key: ['id'],
  },
  secrets: { from: 'secrets AS t', account: 't.account_id', key: ['account_id', 'provider', 'name'] },
};

const LEFT =
  'The server keeps the old ciphertexts for a while in freed rows, in its write-ahead log, on its replicas and in its backups: guard the old key until those are gone.';

/**
 * Everything sealed anew under another key, in one transaction. The old ciphertexts are not erased: a row that was replaced stays in its page until a vacuum
 * and after it (https://www.postgresql.org/docs/current/routine-vacuuming.html), and in the write-ahead log, which replicas and archives copy
 * (https://www.postgresql.org/docs/current/continuous-archiving.html). No client can write over those.
 */
export function resealing(db: PostgresDatabase): Pick<Store, 'reseal'> {
  return {
    reseal: async (from, to, change) => {
      const count = await db.write(async (tx) => {
        if (!(await replaceClaimedKey(tx, from, to))) return undefined;
        let sum = 0;
        for (const table of SEALED_TABLES) sum += await resealTable(tx, table, change);
        return sum;
      });
      return count === undefined ? undefined : { count, erased: false, left: LEFT };
    },
  };
}

async function resealTable(tx: Queries, { table, row, columns }: SealedTable, change: Change): Promise<number> {
  const { from, account, key } = SOURCES[table];
  const names = Object.keys(columns);
  const rows = await tx.rows<Row>(`
    SELECT ARRAY[${key.map((column) => `t.${column}::text`).join(', ')}] AS key, ${account} AS account, t.provider,
      t.${row}::text AS row, ARRAY[${names.map((name) => `t.${name}`).join(', ')}] AS envelopes
    FROM ${from} ORDER BY ${account}, t.provider, t.${row} FOR UPDATE OF t`);
  let count = 0;
  const changed = rows.map((one) =>
    one.envelopes.map((envelope, index) => {
      if (envelope === null) return null;
      count++;
      const column = columns[names[index] ?? ''] ?? '';
      return change(bytes(envelope), { account: one.account, provider: one.provider, column, row: one.row });
    }),
  );
  // One statement, however many rows: a list for each column of the key, and one for each column of ciphertexts.
  const keys = key.map((_, index) => rows.map((one) => one.key[index] ?? ''));
  const envelopes = names.map((_, index) => changed.map((one) => one[index] ?? null));
  const lists = [...keys.map(() => 'text[]'), ...names.map(() => 'bytea[]')].map(
    (type, index) => `$${index + 1}::${type}`,
  );
  await tx.run(
    `UPDATE ${table} AS t SET ${names.map((name) => `${name} = n.${name}`).join(', ')}
    FROM unnest(${lists.join(', ')}) AS n (${[...key.map((column) => `key_${column}`), ...names].join(', ')})
    WHERE ${key.map((column) => `t.${column}::text = n.key_${column}`).join(' AND ')}`,
    [...keys, ...envelopes],
  );
  return count;
}
