import { CLOSED_CIRCUIT } from '../closed-circuit.ts';
import type { CircuitRow, Store } from '../store.ts';
import type { SqliteDatabase } from './database.ts';

const COLUMNS = 'state, failures, successes, since, version';

const INSERT = `
INSERT INTO circuits (scope, state, failures, successes, since, version)
VALUES (:scope, :state, :failures, :successes, :since, 1) ON CONFLICT DO NOTHING`;
const UPDATE = `
UPDATE circuits SET state = :state, failures = :failures, successes = :successes, since = :since, version = version + 1
WHERE scope = :scope AND version = :ifVersion`;

/** Circuit breakers, written by compare-and-set on their version: table `circuits`. */
export function circuitsTable(db: SqliteDatabase): Pick<Store, 'circuit' | 'saveCircuit' | 'circuits'> {
  return {
    circuit: (scope) =>
      db.read(
        () => db.statement<CircuitRow>(`SELECT ${COLUMNS} FROM circuits WHERE scope = ?`).get(scope) ?? CLOSED_CIRCUIT,
      ),

    saveCircuit: (scope, row, ifVersion) =>
      db.writeLightly(() => {
        const { state, failures, successes, since } = row;
        const values = { scope, state, failures, successes, since: Math.floor(since) };
        const { changes } =
          ifVersion === CLOSED_CIRCUIT.version
            ? db.statement(INSERT).run(values)
            : db.statement(UPDATE).run({ ...values, ifVersion });
        return changes === 1;
      }),

    circuits: (prefix) =>
      db.read(() =>
        db
          .statement<CircuitRow & { scope: string }>(
            `SELECT scope, ${COLUMNS} FROM circuits WHERE substr(scope, 1, ?) = ? ORDER BY scope`,
          )
          .all(prefix.length, prefix),
      ),
  };
}
