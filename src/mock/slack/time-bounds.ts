import { readCursor } from './paging.ts';
import { microsecondsOf } from './timestamp.ts';

/** Microseconds since the epoch, both ends included. */
export interface Bounds {
  readonly from: number;
  readonly to: number;
}

/**
 * Which messages are asked for: `oldest` and `latest` count themselves only with `inclusive`, and a cursor of a history goes on before the message that
 * it names. Or the error.
 */
export function boundsOf(
  parameters: URLSearchParams,
): Bounds | 'invalid_ts_oldest' | 'invalid_ts_latest' | 'invalid_cursor' {
  const margin = /^(1|true)$/.test(parameters.get('inclusive') ?? '') ? 0 : 1;
  const oldest = instant(parameters, 'oldest');
  const latest = instant(parameters, 'latest');
  if (oldest === undefined) return 'invalid_ts_oldest';
  if (latest === undefined) return 'invalid_ts_latest';
  const cursor = parameters.get('cursor') ?? '';
  // The cursor of a thread counts its replies.
  const history = cursor !== '' && readCursor('reply', cursor) === undefined;
  const next = history ? microsecondsOf(readCursor('next_ts', cursor) ?? '') : Infinity;
  if (next === undefined) return 'invalid_cursor';
  return {
    from: oldest === null ? 0 : oldest + margin,
    // Later than any message, and whole when it is divided by 1000.
    to: Math.min(latest === null ? 1e16 : latest - margin, next - 1),
  };
}

/** Whether a message lies between the bounds. */
export function within({ from, to }: Bounds, message: Readonly<Record<string, unknown>>): boolean {
  const at = microsecondsOf(String(message['ts'])) ?? 0;
  return at >= from && at <= to;
}

/** null when the parameter is not given, undefined when it is no timestamp. */
function instant(parameters: URLSearchParams, name: string): number | null | undefined {
  const value = parameters.get(name) ?? '';
  return value === '' ? null : microsecondsOf(value);
}
