/** Whole milliseconds, counted, so that memory does not grow with how many there are. */
export interface Latencies {
  add(ms: number): void;
  /** Percentiles by nearest rank; undefined: there is none. */
  summary(): LatencySummary | undefined;
}

export interface LatencySummary {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

export function latencies(): Latencies {
  const counts = new Map<number, number>();
  let total = 0;
  const at = (sorted: readonly (readonly [number, number])[], share: number) => {
    let left = Math.ceil(total * share);
    for (const [ms, count] of sorted) {
      left -= count;
      if (left <= 0) return ms;
    }
    return 0;
  };
  return {
    add(ms) {
      const whole = Math.round(ms);
      counts.set(whole, (counts.get(whole) ?? 0) + 1);
      total += 1;
    },
    summary() {
      if (total === 0) return undefined;
      const sorted = [...counts].sort(([one], [other]) => one - other);
      return { p50: at(sorted, 0.5), p90: at(sorted, 0.9), p99: at(sorted, 0.99), max: at(sorted, 1) };
    },
  };
}
