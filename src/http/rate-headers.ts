import { type Collected, collectRates, type IgnoreHeader } from './rate-collection.ts';
import { readGroup } from './rate-group.ts';
import { type FoundPolicy, type RatePolicy, ratePolicy, tightest, withoutRepeats } from './rate-policy.ts';
import { readReset } from './rate-value.ts';
import { httpDate, retryAfterMs } from './retry-after.ts';

/** What an answer's headers say about limits. All durations are ms from now by our own clock; `limit`, `remaining` and `resetMs` are those of the tightest policy. */
export interface RateReading {
  readonly limit?: number;
  readonly remaining?: number;
  /** ms from now until the quota is renewed. */
  readonly resetMs?: number;
  readonly retryAfterMs?: number;
  readonly policies: readonly RatePolicy[];
  /** Headers that look like rate-limit headers and cannot be understood, with the reason. */
  readonly ignored: readonly IgnoredHeader[];
}

/** A header that was not understood, by its name in lower case, and why: one short sentence. Its value is not repeated. */
export interface IgnoredHeader {
  readonly header: string;
  readonly why: string;
}

/** Policies that are kept, and times that what is left may exceed the quota: ten, as in the draft's own example of a burst. */
const MOST_POLICIES = 32;
const MOST_IGNORED = 32;
const MOST_TIMES_QUOTA = 10;

/**
 * Reads every family of rate-limit headers at once (names in lower case, values of a repeated one joined by `, `). Undefined when no header speaks
 * of limits, which costs a look at the names. `now` is ms since the epoch; a good `Date` in the answer takes its place, because absolute times are
 * by the provider's clock. Never throws; time grows with the length of the headers.
 */
export function readRateHeaders(headers: Readonly<Record<string, string>>, now: number): RateReading | undefined {
  const names: string[] = [];
  for (const name in headers) if (name === 'retry-after' || name.includes('limit')) names.push(name);
  return names.length === 0 ? undefined : readNamed(names, headers, now);
}

function readNamed(names: readonly string[], headers: Readonly<Record<string, string>>, now: number) {
  const base = httpDate(headers['date']) ?? now;
  const ignored: IgnoredHeader[] = [];
  const ignore = (header: string, because: string) => {
    const why = `${because.charAt(0).toUpperCase()}${because.slice(1)}.`;
    const told = ignored.some((each) => each.header === header && each.why === why);
    if (!told && ignored.length < MOST_IGNORED) ignored.push({ header, why });
  };
  const collected = collectRates(names, headers, ignore);
  let retryAfter = 'retry-after' in headers ? retryAfterMs(headers, now) : undefined;
  if ('retry-after' in headers && retryAfter === undefined) ignore('retry-after', whyNoDelay(headers['retry-after']));
  for (const { said } of collected.groups.values()) {
    const own = said.get('retry-after');
    const reading = own && readReset(own.text.trim(), own.unit, base);
    if (own && reading && 'why' in reading) ignore(own.header, reading.why);
    if (reading && 'value' in reading) retryAfter ??= reading.value;
  }
  const policies = policiesOf(collected, base, ignore);
  if (retryAfter === undefined && policies.length === 0 && ignored.length === 0) return undefined;
  const { quota, remaining, resetMs } = tightest(policies) ?? {};
  return {
    ...(quota === undefined ? {} : { limit: quota }),
    ...(remaining === undefined ? {} : { remaining }),
    ...(resetMs === undefined ? {} : { resetMs }),
    ...(retryAfter === undefined ? {} : { retryAfterMs: retryAfter }),
    policies: policies.map(ratePolicy),
    ignored,
  };
}

/** Brings together what lists say of quotas and windows, and the rest of what is left and until when. */
function policiesOf({ groups, listed, service }: Collected, base: number, ignore: IgnoreHeader): FoundPolicy[] {
  const all = listed.map(({ policy }) => policy);
  const open = new Set(all);
  const fill = (target: FoundPolicy | undefined, state: FoundPolicy) => {
    if (!target) return void all.push(state);
    open.delete(target);
    const { quota = state.quota, windowMs = state.windowMs } = target;
    const { remaining, resetMs, source } = state;
    Object.assign(target, { quota, windowMs, remaining, resetMs, source });
  };
  for (const state of service.named) {
    const named = all.find((policy) => policy.name === state.name && open.has(policy));
    fill(named, state);
  }
  const states = [...groups.values()].flatMap((group) => {
    return readGroup(group, base, ignore).map((policy) => ({ family: group.family, policy }));
  });
  if (service.current) states.push({ family: 'ratelimit', policy: service.current });
  for (const { family, policy } of states) {
    // Policies without a name are told apart by their quota (draft 07, 2.3): the limit that is reported is the one with the same.
    const own = listed.filter((each) => each.family === family && open.has(each.policy)).map((each) => each.policy);
    const same =
      own.find(({ quota }) => quota === policy.quota) ??
      (policy.quota === undefined && own.length === 1 ? own[0] : undefined);
    fill(policy.unnamed ? same : undefined, policy);
  }
  const kept = withoutRepeats(all);
  if (kept.length > MOST_POLICIES) ignore('ratelimit-policy', `there are more than ${MOST_POLICIES} policies`);
  return kept.slice(0, MOST_POLICIES).map((policy) => believable(policy, ignore));
}

/** What is left without what cannot be: a little more than the quota is a burst, many times as much is a mistake. */
function believable(policy: FoundPolicy, ignore: IgnoreHeader): FoundPolicy {
  const { quota, remaining } = policy;
  if (quota === undefined || remaining === undefined || remaining <= quota * MOST_TIMES_QUOTA) return policy;
  ignore(policy.source ?? policy.name, `it says that ${remaining} of ${quota} are left`);
  return { ...policy, remaining: undefined };
}

function whyNoDelay(text = ''): string {
  const value = text.trim();
  if (value === '') return 'it is empty';
  const readable = /^\d+(\.\d+)?$/.test(value) || httpDate(value) !== undefined;
  return readable ? 'it asks for more than a day' : 'it is neither seconds nor an HTTP-date';
}
