/** At most `permits` requests in any `perMs` milliseconds. */
export interface WindowRule {
  readonly permits: number;
  readonly perMs: number;
}

/** Rules that a request counts against, under the key that it is counted by. */
export interface WindowClaim {
  readonly key: string;
  readonly rules: readonly WindowRule[];
}

/** How a window stands. */
export interface WindowState {
  readonly permits: number;
  /** Its length after scaling, ms. */
  readonly perMs: number;
  readonly remaining: number;
  /** ms until the oldest request falls out of it; 0 when there is none. */
  readonly nextMs: number;
  /** ms until all of it is free again. */
  readonly fullMs: number;
}

/** Counts requests by key in sliding windows. A refused request is not counted, in none of the windows that it claims. */
export interface RateWindows {
  /** 0 when the request is let through; else the milliseconds until it would be. */
  take(claims: readonly WindowClaim[], now: number): number;
  /** The windows of the claims, in their order, without counting anything. */
  state(claims: readonly WindowClaim[], now: number): WindowState[];
}

/** Exact sliding windows: in no stretch of their length is there one request too many. `scale` divides the lengths. */
export function createRateWindows(scale: number): RateWindows {
  const taken = new Map<string, number[]>();
  const timesOf = (key: string) => taken.get(key) ?? [];
  return {
    take(claims, now) {
      const waits = claims.flatMap(({ key, rules }) =>
        rules.map((rule) => waitFor(timesOf(key), rule.permits, rule.perMs / scale, now)),
      );
      const wait = Math.max(0, ...waits);
      if (wait > 0) return wait;
      for (const { key, rules } of claims) {
        const longest = Math.max(0, ...rules.map((rule) => rule.perMs)) / scale;
        const times = timesOf(key);
        const live = times.findIndex((time) => time + longest > now);
        times.splice(0, live === -1 ? times.length : live);
        times.push(now);
        taken.set(key, times);
      }
      return 0;
    },
    state: (claims, now) =>
      claims.flatMap(({ key, rules }) =>
        rules.map(({ permits, perMs }) => stateOf(timesOf(key), permits, perMs / scale, now)),
      ),
  };
}

function waitFor(times: readonly number[], permits: number, perMs: number, now: number): number {
  const oldest = times[times.length - permits];
  return oldest === undefined ? 0 : Math.max(0, oldest + perMs - now);
}

function stateOf(times: readonly number[], permits: number, perMs: number, now: number): WindowState {
  const live = times.filter((time) => time + perMs > now);
  const left = (time: number | undefined) => (time === undefined ? 0 : time + perMs - now);
  return { permits, perMs, remaining: permits - live.length, nextMs: left(live[0]), fullMs: left(live.at(-1)) };
}
