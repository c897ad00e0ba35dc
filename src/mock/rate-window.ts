/** At most `permits` requests in any `perMs` milliseconds. */
export interface WindowRule {
  readonly permits: number;
  readonly perMs: number;
}

/** Counts requests by key in sliding windows. A refused request is not counted. */
export interface RateWindows {
  /** 0 when the request is let through; else the milliseconds until it would be. */
  take(key: string, rules: readonly WindowRule[], now: number): number;
}

/** Exact sliding windows; `scale` divides their length. */
export function createRateWindows(scale: number): RateWindows {
  const taken = new Map<string, number[]>();
  return {
    take(key, rules, now) {
      const times = taken.get(key) ?? [];
      const wait = Math.max(0, ...rules.map((rule) => waitFor(times, rule.permits, rule.perMs / scale, now)));
      if (wait > 0) return wait;
      const longest = Math.max(...rules.map((rule) => rule.perMs)) / scale;
      const live = times.findIndex((time) => time + longest > now);
      times.splice(0, live === -1 ? times.length : live);
      times.push(now);
      taken.set(key, times);
      return 0;
    },
  };
}

function waitFor(times: readonly number[], permits: number, perMs: number, now: number): number {
  const oldest = times[times.length - permits];
  return oldest === undefined ? 0 : Math.max(0, oldest + perMs - now);
}
