import type { CircuitRow, Store } from '../store.ts';
import type { SqliteDatabase } from './database.ts';

/** A circuit that nobody has written yet. */
const CLOSED: CircuitRow = { state: 'closed', failures: 0, since: 0, version: 0 };

const INSERT = `
INSERT INTO circuits (scope, state, failures, since, version) VALUES (:scope, :state, :failures, :since, 1) ON CONFLICT DO NOTHING`;
const UPDATE = `
UPDATE circuits SET state = :state, failures = :failures, since = :since, version = version + 1
WHERE scope = :scope AND version = :ifVersion`;

/** Circuit breakers, written by compare-and-set on their version: table `circuits`. */
export function circuitsTable(db: SqliteDatabase): Pick<Store, 'circuit' | 'saveCircuit'> {
  return {
    circuit: (scope) =>
      db.read(
        () =>
          db.statement<CircuitRow>('SELECT state, failures, since, version FROM circuits WHERE scope = ?').get(scope) ??
          CLOSED,
      ),

    saveCircuit: (scope, row, ifVersion) =>
      db.write(() => {
        const { state, failures, since } = row;
        const values = { scope, state, failures, since };
        const { changes } =
          ifVersion === CLOSED.version
            ? db.statement(INSERT).run(values)
            : db.statement(UPDATE).run({ ...values, ifVersion });
        return changes === 1;
      }),
  };
}
