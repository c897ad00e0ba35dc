import type { Store } from '../../src/store/store.ts';

/** A circuit as commands tell of it. */
export interface CircuitFact {
  /** Provider and host; `/oauth` behind them for the token endpoint. */
  readonly scope: string;
  readonly state: 'closed' | 'open' | 'half-open';
  readonly failures: number;
  /** When a probe may go, ms from now; 0: at once, or it is closed. */
  readonly nextTryInMs: number;
}

/** The circuits of a provider that anything has been noted of. */
export async function circuitFacts(
  store: Pick<Store, 'circuits'>,
  provider: string,
  now: number,
): Promise<CircuitFact[]> {
  const { DEFAULT_CIRCUIT, probeInMs } = await import('../../src/http/circuit-breaker.ts');
  const rows = await store.circuits(`${provider}/`);
  return rows.map((row) => ({
    ...{ scope: row.scope, state: row.state, failures: row.failures },
    nextTryInMs: probeInMs(row, DEFAULT_CIRCUIT, now),
  }));
}
