import { CLOSED_CIRCUIT } from '../closed-circuit.ts';
import type { CircuitRow, Store } from '../store.ts';
import type { DatabaseClock } from './clock.ts';
import type { PostgresDatabase } from './database.ts';

interface Row extends Omit<CircuitRow, 'since'> {
  readonly scope: string;
  /** How long ago `since` was. */
  readonly ageMs: number;
}

/**
 * Circuit breakers, written by compare-and-set on their version: table `circuits`. Their times are those of the database: what a caller gives and gets is
 * turned from the clock of its machine (`now`) and into it, so that a circuit is open for as long on a machine whose clock is wrong.
 */
export function circuitsTable(
  db: PostgresDatabase,
  clock: DatabaseClock,
  { now }: { now(): number },
): Pick<Store, 'circuit' | 'saveCircuit' | 'circuits'> {
  const columns = `scope, state, failures, successes, version, ${clock.sql(1)} - since AS "ageMs"`;
  const one = `SELECT ${columns} FROM circuits WHERE scope = $2`;
  const many = `SELECT ${columns} FROM circuits WHERE starts_with(scope, $2) ORDER BY scope`;
  const since = `floor(${clock.sql(1)} - $6::float8)::bigint`;
  const insert = `
    INSERT INTO circuits (scope, state, failures, successes, since, version)
    VALUES ($2, $3, $4::bigint, $5::bigint, ${since}, 1) ON CONFLICT DO NOTHING`;
  const update = `
    UPDATE circuits SET state = $3, failures = $4::bigint, successes = $5::bigint, since = ${since}, version = version + 1
    WHERE scope = $2 AND version = $7::bigint`;

  /** The moment is sampled after the answer, so that nothing seems to begin in the future. */
  const local = ({ scope: _, ageMs, ...row }: Row): CircuitRow => ({ ...row, since: Math.floor(now() - ageMs) });

  return {
    circuit: async (scope) => {
      const row = await db.row<Row>(one, [clock.sample(), scope]);
      return row ? local(row) : CLOSED_CIRCUIT;
    },

    saveCircuit: async (scope, { state, failures, successes, since }, ifVersion) => {
      const values = [clock.sample(), scope, state, failures, successes, now() - since];
      const first = ifVersion === CLOSED_CIRCUIT.version;
      return (await db.run(first ? insert : update, first ? values : [...values, ifVersion])) === 1;
    },

    circuits: async (prefix) => {
      const rows = await db.rows<Row>(many, [clock.sample(), prefix]);
      return rows.map((row) => ({ scope: row.scope, ...local(row) }));
    },
  };
}
