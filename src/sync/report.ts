import type { CallMeter } from '../http/http.ts';

/** What became of one entity in a run. */
export interface EntityReport {
  readonly entity: string;
  upserted: number;
  unchanged: number;
  deleted: number;
  pages: number;
  requests: number;
  throttledMs: number;
  retries: number;
  /** Rows that could not be read; they are kept aside in the store. */
  rejected: number;
  /** ISO time that the mirror reaches up to; null while there is none. */
  cursor: string | null;
  /** What this source could not see. */
  coverage: string[];
}

/** An empty report to be filled in. */
export function newReport(entity: string): EntityReport {
  const rows = { upserted: 0, unchanged: 0, deleted: 0, rejected: 0 };
  return { entity, ...rows, pages: 0, requests: 0, throttledMs: 0, retries: 0, cursor: null, coverage: [] };
}

/** Adds sentences that are not there yet. */
export function addCoverage(report: EntityReport, sentences: readonly string[]): void {
  for (const sentence of sentences) if (!report.coverage.includes(sentence)) report.coverage.push(sentence);
}

/** Does some work whose calls count for an entity, also when it fails. */
export async function metered<T>(report: EntityReport, work: (meter: CallMeter) => Promise<T>): Promise<T> {
  const meter: CallMeter = { requests: 0, retries: 0, throttledMs: 0 };
  try {
    return await work(meter);
  } finally {
    report.requests += meter.requests;
    report.retries += meter.retries;
    report.throttledMs += Math.round(meter.throttledMs);
  }
}
