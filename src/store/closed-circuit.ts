import type { CircuitRow } from './store.ts';

/** A circuit that nobody has written yet. */
export const CLOSED_CIRCUIT: CircuitRow = { state: 'closed', failures: 0, successes: 0, since: 0, version: 0 };
