import type { BareItem } from './bare-item.ts';
import type { FoundPolicy } from './rate-policy.ts';
import { LONGEST_RESET_MS, LONGEST_WINDOW_MS } from './rate-value.ts';
import { type InnerList, type Item, parseDictionary, parseList } from './structured-field.ts';

/** Takes a reason why something in a header is ignored. */
export type Ignore = (why: string) => void;

/** The list of policies, with the numbers that stood in it without a window. */
interface PolicyList {
  readonly policies: readonly FoundPolicy[];
  /** Draft 03 and before: the limit that expires next comes first in `RateLimit-Limit`, alone. */
  readonly plain: readonly number[];
}

/** Longest name of a policy that is kept, characters. */
const LONGEST_NAME = 64;

/**
 * `RateLimit-Policy` of every draft, and `RateLimit-Limit` up to draft 03, which held the policies too:
 * `100, 100;w=10` (draft-ietf-httpapi-ratelimit-headers-03, 2.1; Envoy sends it as `X-RateLimit-Limit`), `10;w=1, 50;w=60` (04 to 07, policies without
 * a name), `"default";q=100;w=10;qu="requests";pk=:…:` (08 to 10, section 3).
 */
export function readPolicies(text: string, ignore: Ignore): PolicyList {
  const policies: FoundPolicy[] = [];
  const plain: number[] = [];
  for (const { bare, parameters } of itemsOf(text, ignore)) {
    const window = windowOf(parameters.get('w'));
    if (bare.type === 'integer' || bare.type === 'decimal') {
      const quota = count(bare);
      if (quota === undefined) ignore('a quota is negative');
      else if (parameters.size === 0) plain.push(quota);
      else policies.push({ name: anonymous(quota, parameters.get('w')), quota, ...window });
      continue;
    }
    const name = nameOf(bare);
    const quota = count(parameters.get('q'));
    if (name === undefined || quota === undefined) ignore('a policy has no name or no quota');
    else policies.push({ name, quota, ...window, ...unitOf(parameters.get('qu')) });
  }
  return { policies, plain };
}

/** What the one `RateLimit` field says: the state of policies by their name, or (draft 07) of the one that expires next. */
export interface ServiceLimits {
  readonly named: readonly FoundPolicy[];
  readonly current?: FoundPolicy;
}

/**
 * `RateLimit: limit=100, remaining=50, reset=5` (draft 07, section 3) or `"default";r=50;t=30` (08 to 10, section 4). `t` and `reset` are seconds
 * from now. A parameter `q` is not in the text of the drafts, but in their examples.
 */
export function readService(text: string, ignore: Ignore): ServiceLimits {
  if (/^ *[a-z*][a-z0-9_\-.*]*=/.test(text)) return readDictionary(text, ignore);
  const named: FoundPolicy[] = [];
  for (const { bare, parameters } of itemsOf(text, ignore)) {
    const name = nameOf(bare);
    const remaining = count(parameters.get('r'));
    const resetMs = delay(parameters.get('t'), ignore);
    if (name === undefined) ignore('a limit has no name');
    else if (remaining === undefined && resetMs === undefined)
      ignore('a limit says neither what is left nor until when');
    else named.push({ name, quota: count(parameters.get('q')), remaining, resetMs, source: 'ratelimit' });
  }
  return { named };
}

function readDictionary(text: string, ignore: Ignore): ServiceLimits {
  const members = parseDictionary(text);
  if (!members) ignore(MALFORMED);
  const at = (key: string) => {
    const member = members?.get(key);
    return member && 'bare' in member ? member.bare : undefined;
  };
  const quota = count(at('limit'));
  const remaining = count(at('remaining'));
  const resetMs = delay(at('reset'), ignore);
  if (quota === undefined && remaining === undefined && resetMs === undefined) {
    if (members) ignore('it says nothing about a limit');
    return { named: [] };
  }
  return { named: [], current: { name: 'ratelimit', quota, remaining, resetMs, source: 'ratelimit', unnamed: true } };
}

/** Members of a list that are read. */
const MOST_ITEMS = 32;

const MALFORMED = 'it is not a well-formed structured field';

function itemsOf(text: string, ignore: Ignore): Item[] {
  const members = parseList(text);
  if (!members) ignore(MALFORMED);
  else if (members.length === 0) ignore('it is empty');
  if (members && members.length > MOST_ITEMS) ignore(`it has more than ${MOST_ITEMS} members`);
  const isItem = (member: Item | InnerList): member is Item => 'bare' in member;
  if (members && !members.every(isItem)) ignore('a list in brackets means nothing here');
  return members?.slice(0, MOST_ITEMS).filter(isItem) ?? [];
}

/** Quantities are integers that are not negative (draft 10, 3.1.1 and 4.1.1). */
function count(bare: BareItem | undefined): number | undefined {
  return (bare?.type === 'integer' || bare?.type === 'decimal') && bare.value >= 0 ? Math.floor(bare.value) : undefined;
}

function delay(bare: BareItem | undefined, ignore: Ignore): number | undefined {
  const seconds = bare?.type === 'decimal' && bare.value >= 0 ? bare.value : count(bare);
  if (bare !== undefined && seconds === undefined) ignore('a reset is no number of seconds');
  if (seconds === undefined) return undefined;
  if (seconds * 1000 <= LONGEST_RESET_MS) return Math.round(seconds * 1000);
  ignore('a reset lies more than a month ahead');
  return undefined;
}

/** A window is at least a second (draft 10, 3.1.3). */
function windowOf(bare: BareItem | undefined): { windowMs?: number } {
  const ms = (count(bare) ?? 0) * 1000;
  return ms > 0 && ms <= LONGEST_WINDOW_MS ? { windowMs: ms } : {};
}

function nameOf(bare: BareItem): string | undefined {
  return bare.type === 'string' || bare.type === 'token' ? bare.value.slice(0, LONGEST_NAME) : undefined;
}

function anonymous(quota: number, window: BareItem | undefined): string {
  const seconds = count(window);
  return seconds === undefined ? String(quota) : `${quota};w=${seconds}`;
}

/** Quotas are of requests unless `qu` says otherwise (draft 10, 3.1.2). */
function unitOf(unit: BareItem | undefined): { otherUnit?: boolean } {
  return unit === undefined || unit.value === 'requests' ? {} : { otherUnit: true };
}
