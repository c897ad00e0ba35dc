import type { Random } from '../clock.ts';
import { LwiError } from '../errors.ts';
import { FAULT_WORDS, type Fault, readFaultKind } from './fault-kind.ts';

/** Decides for each request which faults it meets. */
export interface FaultSchedule {
  draw(path: string): readonly Fault[];
}

interface FaultRule {
  readonly fault: Fault;
  readonly place: string;
  readonly chance: number;
  /** First and last of the matching requests, counted from 1. */
  readonly first: number;
  readonly last: number;
}

const GRAMMAR =
  `Write <what>[:<where>[:<when>]]: what is ${FAULT_WORDS}; where is ` +
  '* or <provider>[/<part of the path>]; when is a probability from 0 to 1, #<n>, #<n>-<m> or #<n>-.';

/**
 * Reads `<what>[:<where>[:<when>]]`, e.g. `500:quickbooks/query:0.1`, `latency=250`, `lost:slack/oauth.v2.access:#1`.
 * `where` is a provider and, after a slash, whole segments that the path must contain; `#n` counts the requests that match.
 * Throws LwiError USAGE.
 */
export function parseFault(spec: string): FaultRule {
  const [what = '', place = '*', when = '1', ...rest] = spec.split(':');
  const fault = readFaultKind(what);
  const moments = readWhen(when);
  if (fault === undefined || moments === undefined || rest.length > 0 || !/^(\*|[a-z][\w.~/-]*)$/.test(place)) {
    throw new LwiError('USAGE', `the fault ${JSON.stringify(spec)} cannot be read`, { hint: GRAMMAR });
  }
  return { fault, place, ...moments };
}

function readWhen(text: string): Pick<FaultRule, 'chance' | 'first' | 'last'> | undefined {
  const counted = /^#(\d{1,9})(-(\d{1,9})?)?$/.exec(text);
  if (counted !== null) {
    const first = Number(counted[1]);
    const last = counted[2] === undefined ? first : Number(counted[3] ?? Infinity);
    return first >= 1 && last >= first ? { chance: 1, first, last } : undefined;
  }
  const chance = /^(0|1|[01]?\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  return chance >= 0 && chance <= 1 ? { chance, first: 1, last: Infinity } : undefined;
}

/** A schedule from specs, each with a counter of its own. Throws LwiError USAGE. */
export function createFaultSchedule(specs: readonly string[], random: Random): FaultSchedule {
  const rules = specs.map((spec) => ({ ...parseFault(spec), seen: 0 }));
  return {
    draw(path) {
      const faults: Fault[] = [];
      for (const rule of rules) {
        if (!isAt(path, rule.place)) continue;
        rule.seen += 1;
        if (rule.seen < rule.first || rule.seen > rule.last) continue;
        if (rule.chance === 1 || random() < rule.chance) faults.push(rule.fault);
      }
      return faults;
    },
  };
}

function isAt(path: string, place: string): boolean {
  if (place === '*') return true;
  const [provider = '', ...segments] = place.split('/');
  if (!`${path}/`.startsWith(`/${provider}/`)) return false;
  const part = segments.filter((segment) => segment !== '').join('/');
  return part === '' || `${path}/`.includes(`/${part}/`);
}
