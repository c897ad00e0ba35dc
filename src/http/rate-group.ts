import { type RateMember, windowOfScope } from './rate-header-name.ts';
import type { FoundPolicy } from './rate-policy.ts';
import { LONGEST_WINDOW_MS, type Reading, type ResetUnit, readCount, readReset, splitValues } from './rate-value.ts';

/** What one header says. */
export interface Said {
  readonly header: string;
  readonly text: string;
  readonly unit: ResetUnit;
}

/** Headers that speak of one limit, a member each: `x-ratelimit-limit`, `-remaining`, `-reset`. */
export interface RateGroup {
  readonly family: string;
  readonly scope: string;
  readonly said: ReadonlyMap<RateMember, Said>;
}

/** More values of one header than this are not read. */
const MOST_VALUES = 8;

/** Longest name of a policy that is kept, characters. */
const LONGEST_NAME = 64;

/**
 * The policies of a group: one, or several where its headers came several times (a gateway before the service adds its own). Values in the same
 * place belong together; where the headers have different numbers of values, the strictest of each counts. `base` is the time, ms since the epoch,
 * that absolute resets are compared with.
 */
export function readGroup(
  { family, scope, said }: RateGroup,
  base: number,
  ignore: (header: string, why: string) => void,
): FoundPolicy[] {
  const list = (member: RateMember, read: (text: string, unit: ResetUnit) => Reading) =>
    readList(said.get(member), read, ignore);
  const ratios = list('used-of-limit', (text) => readCount(text.split('/')[1]?.trim() ?? ''));
  const quota = [...list('limit', readCount), ...ratios];
  const used = [...list('used', readCount), ...list('used-of-limit', (text) => readCount(text.split('/')[0] ?? ''))];
  const left = list('remaining', readCount);
  const remaining =
    left.length === 0 && used.length === quota.length ? quota.map((all, at) => lessUsed(all, used[at])) : left;
  const resetMs = list('reset', (text, unit) => readReset(text, unit, base));
  const windowMs = list('window-ms', readWindow)[0] ?? windowOfScope(scope);
  const name = (scope || said.get('name')?.text.trim() || family).slice(0, LONGEST_NAME);
  const common = {
    name,
    windowMs,
    source: (said.get('remaining') ?? said.get('used-of-limit'))?.header,
    unnamed: scope === '' && !said.has('name'),
    otherUnit: /token|byte|concurren/.test(scope),
  };
  return entries(quota, remaining, resetMs).map((entry) => ({ ...common, ...entry }));
}

function readWindow(text: string): Reading {
  const reading = readCount(text);
  return 'value' in reading && reading.value > LONGEST_WINDOW_MS
    ? { why: 'the window is longer than a year' }
    : reading;
}

type Entry = Pick<FoundPolicy, 'quota' | 'remaining' | 'resetMs'>;

function entries(quota: readonly number[], remaining: readonly number[], resetMs: readonly number[]): Entry[] {
  const lengths = [quota, remaining, resetMs].map(({ length }) => length).filter((length) => length > 0);
  const most = Math.max(0, ...lengths);
  if (lengths.every((length) => length === most)) {
    return Array.from({ length: most }, (_, at) => ({
      quota: quota[at],
      remaining: remaining[at],
      resetMs: resetMs[at],
    }));
  }
  return [
    {
      quota: least(quota),
      remaining: least(remaining),
      resetMs: resetMs.length === 0 ? undefined : Math.max(...resetMs),
    },
  ];
}

function least(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.min(...values);
}

function lessUsed(quota: number, used: number | undefined): number {
  return Math.max(0, quota - (used ?? 0));
}

/** The values that can be read; the first one that cannot be is reported. */
function readList(
  said: Said | undefined,
  read: (text: string, unit: ResetUnit) => Reading,
  ignore: (header: string, why: string) => void,
): number[] {
  if (!said) return [];
  const texts = splitValues(said.text);
  if (texts.length > MOST_VALUES) {
    ignore(said.header, `it has more than ${MOST_VALUES} values`);
    return [];
  }
  const readings = texts.map((text) => read(text, said.unit));
  const bad = readings.find((reading) => 'why' in reading);
  if (bad && 'why' in bad) ignore(said.header, bad.why);
  return readings.flatMap((reading) => ('value' in reading ? [reading.value] : []));
}

/**
 * One header that says everything, as Zendesk's `Zendesk-RateLimit-Tickets-Index: total=100; remaining=99; resets=41` (developer.zendesk.com,
 * avoiding rate limiting). Undefined for anything else.
 */
export function readWhole(header: string, text: string): ReadonlyMap<RateMember, Said> | undefined {
  const said = new Map<RateMember, Said>();
  for (const part of text.split(';', 4)) {
    const [, word = '', value = ''] = /^ *([a-z]{1,20})=(\d{1,15}) *$/.exec(part) ?? [];
    const member = WHOLE.get(word);
    if (member === undefined) return undefined;
    said.set(member, { header, text: value, unit: 'seconds' });
  }
  return said;
}

const WHOLE: ReadonlyMap<string, RateMember> = new Map([
  ['total', 'limit'],
  ['remaining', 'remaining'],
  ['resets', 'reset'],
]);
