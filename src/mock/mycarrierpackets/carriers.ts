import { createTimeline } from '../computed-timeline.ts';
import { type MockSettings, pastOf } from '../settings.ts';
import type { Timeline } from '../timeline.ts';

/** The lists of the API; row number `n` of each is about carrier `carrierOf(n)`. */
export interface CarrierList {
  readonly timeline: Timeline;
  carrierOf(index: number): number;
}

/** What MyCarrierPackets knows: the same for every user of one integration. */
export interface Carriers {
  readonly completed: CarrierList;
  readonly changes: CarrierList;
  /** What MonitoredCarriers, MonitoredCarrierData and the other bulk lists are about. */
  readonly monitored: CarrierList;
  readonly blocked: CarrierList;
  /** Row number `n` is company `factoringId(n)`. */
  readonly factoring: Timeline;
  isMonitored(carrier: number): boolean;
  isBlocked(carrier: number): boolean;
  /** The carrier that a DOT or docket number names. */
  find(dot: string | undefined, docket: string | undefined): number | undefined;
}

const FIRST_DOT = 1_000_000;
const FIRST_DOCKET = 500_000;
/** Every so many-th carrier is blocked. */
const BLOCKED_EVERY = 40;
const FIRST_FACTORING = 100;

/** The carrier with this DOT number; below 0: none. */
export const indexOfDot = (dot: string) => (/^\d{1,9}$/.test(dot) ? Number(dot) - FIRST_DOT : -1);
/** The row of the factoring company with this id. */
export const indexOfFactoring = (id: string) => (/^\d{1,9}$/.test(id) ? Number(id) - FIRST_FACTORING : undefined);

export const dotOf = (carrier: number) => FIRST_DOT + carrier;
export const factoringId = (index: number) => FIRST_FACTORING + index;
export const docketOf = (carrier: number) => `MC${FIRST_DOCKET + carrier}`;

/** `2026-01-05T04:00:00.123`: the API tells no zone. This mock means UTC. */
export function zoneless(ms: number): string {
  return new Date(ms).toISOString().slice(0, 23);
}

export function createCarriers(settings: MockSettings): Carriers {
  const { records, clock } = settings;
  const past = pastOf(clock.now());
  const same = (index: number) => index;
  const list = (days: number, fixed: boolean): CarrierList => ({
    timeline: createTimeline({ ...pastOf(clock.now(), days), count: records, fixed }),
    carrierOf: same,
  });
  const completed = list(400, false);
  const changes = list(60, false);
  const monitored = list(400, true);
  const blocked: CarrierList = {
    timeline: createTimeline({ ...past, count: Math.floor(records / BLOCKED_EVERY), fixed: true }),
    carrierOf: (index) => index * BLOCKED_EVERY,
  };
  const factoring = createTimeline({ ...past, count: Math.ceil(records / 10) });
  const indexOfDocket = (docket: string) => Number(/^(?:MC)?(\d{1,9})$/i.exec(docket)?.[1] ?? 0) - FIRST_DOCKET;

  return {
    completed,
    changes,
    monitored,
    blocked,
    factoring,
    isMonitored: (carrier) => monitored.timeline.find(carrier)?.deleted === false,
    isBlocked: (carrier) =>
      carrier % BLOCKED_EVERY === 0 && blocked.timeline.find(carrier / BLOCKED_EVERY)?.deleted === false,
    find(dot, docket) {
      const carrier = dot === undefined ? indexOfDocket(docket ?? '') : indexOfDot(dot);
      if (dot !== undefined && docket !== undefined && indexOfDocket(docket) !== carrier) return undefined;
      // A new carrier comes in by a completed packet, a change or the list of the monitored.
      const known = [completed, changes, monitored].some(({ timeline }) => timeline.find(carrier) !== undefined);
      return known ? carrier : undefined;
    },
  };
}
