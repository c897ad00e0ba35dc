import { createTimeline } from '../computed-timeline.ts';
import { type FakeStream, sameStream } from '../provider-fake.ts';
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
  readonly monitored: CarrierList;
  readonly blocked: CarrierList;
  /** The carrier that a DOT or docket number names. */
  find(dot: string | undefined, docket: string | undefined): number | undefined;
  stream(name: string): FakeStream | undefined;
}

const FIRST_DOT = 1_000_000;
const FIRST_DOCKET = 500_000;
/** Every so many-th carrier is blocked. */
export const BLOCKED_EVERY = 40;

export const dotOf = (carrier: number) => FIRST_DOT + carrier;
export const docketOf = (carrier: number) => `MC${FIRST_DOCKET + carrier}`;

/** `2026-01-05T04:00:00.123`: the API tells no zone. This mock means UTC. */
export function zoneless(ms: number): string {
  return new Date(ms).toISOString().slice(0, 23);
}

export function createCarriers(settings: MockSettings): Carriers {
  const { records, clock } = settings;
  const past = pastOf(clock.now());
  const same = (index: number) => index;
  const list = (days: number): CarrierList => ({
    timeline: createTimeline({ ...pastOf(clock.now(), days), count: records }),
    carrierOf: same,
  });
  const completed = list(400);
  const changes = list(60);
  const monitored = list(400);
  const blocked: CarrierList = {
    timeline: createTimeline({ ...past, count: Math.floor(records / BLOCKED_EVERY) }),
    carrierOf: (index) => index * BLOCKED_EVERY,
  };
  const streams: readonly (readonly [string, CarrierList])[] = [
    ['completed packets', completed],
    ['carriers changes', changes],
    ['carrier changes', changes],
    ['carriers', changes],
    ['monitored carriers', monitored],
    ['blocked carriers', blocked],
  ];
  const indexOfDot = (dot: string) => (/^\d{1,9}$/.test(dot) ? Number(dot) - FIRST_DOT : -1);
  const indexOfDocket = (docket: string) => Number(/^(?:MC)?(\d{1,9})$/i.exec(docket)?.[1] ?? 0) - FIRST_DOCKET;

  return {
    completed,
    changes,
    monitored,
    blocked,
    find(dot, docket) {
      const carrier = dot === undefined ? indexOfDocket(docket ?? '') : indexOfDot(dot);
      if (dot !== undefined && docket !== undefined && indexOfDocket(docket) !== carrier) return undefined;
      // A new carrier comes in by a completed packet or a change.
      const known = [completed, changes].some(({ timeline }) => timeline.find(carrier) !== undefined);
      return known ? carrier : undefined;
    },
    stream(name) {
      const found = streams.find(([one]) => sameStream(one, name))?.[1];
      if (found === undefined) return undefined;
      const idOf = (index: number) => String(dotOf(found.carrierOf(index)));
      const indexOf = (id: string) => {
        const index = indexOfDot(id) / (found.carrierOf(1) || 1);
        return Number.isInteger(index) ? index : undefined;
      };
      return { timeline: found.timeline, onDelete: 'remove', addStepMs: 1, idOf, indexOf };
    },
  };
}
