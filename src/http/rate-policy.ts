/** One limit of a provider, as its headers tell it. What is absent was not said. */
export interface RatePolicy {
  /** The provider's own name for it, or the beginning of the headers' names. */
  readonly name: string;
  /** How much a window allows. */
  readonly quota?: number;
  readonly windowMs?: number;
  /** How much of it is left. */
  readonly remaining?: number;
  /** ms from now until quota is renewed. */
  readonly resetMs?: number;
}

/** A policy while headers are being read. */
export interface FoundPolicy {
  name: string;
  quota?: number | undefined;
  windowMs?: number | undefined;
  remaining?: number | undefined;
  resetMs?: number | undefined;
  /** Header that said what is left. */
  source?: string | undefined;
  /** The name is that of the headers: the provider gave none. */
  readonly unnamed?: boolean;
  /** Counted in bytes, tokens or connections: says nothing about requests until it is used up. */
  readonly otherUnit?: boolean;
}

/** Two tellings of one reset may differ by this much, ms: whole seconds are cut off differently. */
const SAME_RESET_MS = 1500;

/**
 * The policies without those that only repeat another one: many providers send two families of headers for one limit (Zendesk: `X-Rate-Limit`
 * without and `RateLimit-*` with a reset). An unnamed policy goes into one that has the same remaining and contradicts it nowhere.
 */
export function withoutRepeats(policies: readonly FoundPolicy[]): FoundPolicy[] {
  const kept: FoundPolicy[] = [];
  // Named ones first, so that the others find them.
  for (const policy of [...policies].sort((a, b) => Number(a.unnamed ?? false) - Number(b.unnamed ?? false))) {
    const same = policy.unnamed ? kept.find((other) => repeats(policy, other)) : undefined;
    if (!same) kept.push(policy);
    else {
      same.quota ??= policy.quota;
      same.windowMs ??= policy.windowMs;
      same.resetMs ??= policy.resetMs;
    }
  }
  return kept;
}

function repeats(a: FoundPolicy, b: FoundPolicy): boolean {
  const agree = (one: number | undefined, other: number | undefined, slack = 0) =>
    one === undefined || other === undefined || Math.abs(one - other) <= slack;
  if (a.remaining === undefined || a.remaining !== b.remaining) return false;
  return agree(a.quota, b.quota) && agree(a.windowMs, b.windowMs) && agree(a.resetMs, b.resetMs, SAME_RESET_MS);
}

/**
 * The policy that binds next: least remaining, then longest reset. One that is counted in something else than requests competes only when it is
 * used up.
 */
export function tightest(policies: readonly FoundPolicy[]): FoundPolicy | undefined {
  return policies
    .filter(({ otherUnit, remaining }) => !otherUnit || remaining === 0)
    .reduce<FoundPolicy | undefined>(
      (best, each) => (best === undefined || tighter(each, best) ? each : best),
      undefined,
    );
}

function tighter(a: FoundPolicy, b: FoundPolicy): boolean {
  const left = (policy: FoundPolicy) => policy.remaining ?? Number.POSITIVE_INFINITY;
  if (left(a) !== left(b)) return left(a) < left(b);
  return (a.resetMs ?? -1) > (b.resetMs ?? -1);
}

/** The members that are known, and no others. */
export function ratePolicy({ name, quota, windowMs, remaining, resetMs }: FoundPolicy): RatePolicy {
  return {
    name,
    ...(quota === undefined ? {} : { quota }),
    ...(windowMs === undefined ? {} : { windowMs }),
    ...(remaining === undefined ? {} : { remaining }),
    ...(resetMs === undefined ? {} : { resetMs }),
  };
}
