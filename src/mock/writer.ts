import type { Random } from '../clock.ts';
import { LwiError } from '../errors.ts';
import type { FakeStream, ProviderFake } from './provider-fake.ts';
import { seededRandom } from './seeded-random.ts';

/** How busy a writer is. */
export interface WriterSettings {
  /** Rows that change with each answer of an API; parts of one add up. 0: nobody writes. */
  readonly rate: number;
  /** The same seed and the same requests give the same changes. */
  readonly seed: number;
}

/** Somebody who works in the books while they are read. */
export interface Writer {
  /** Begins anew. */
  set(settings: WriterSettings): void;
  /** Changes rows of the streams that this provider has been asked for; called after an answer of its API. */
  after(fake: ProviderFake, request: Request): void;
}

const MOST_CHANGES = 10_000;
/** Of ten changes six touch a row, two add one and two delete one. */
const [TOUCHED, ADDED] = [0.6, 0.8];
/** Rows that are drawn until one is live. */
const DRAWS = 20;

/** Reads `<changes>[:<seed>]`, e.g. `20` or `0.5:7`. Throws LwiError USAGE. */
export function parseWriter(text: string): WriterSettings {
  const [, rate, seed = '1'] = /^(\d{1,5}(?:\.\d{1,3})?)(?::(\d{1,9}))?$/.exec(text) ?? [];
  if (rate === undefined || Number(rate) > MOST_CHANGES) {
    const most = MOST_CHANGES.toLocaleString('en');
    throw new LwiError('USAGE', `A writer is <changes>[:<seed>], up to ${most} changes an answer, not "${text}".`);
  }
  return { rate: Number(rate), seed: Number(seed) };
}

/** `now`: the clock of the changes, ms since the epoch. */
export function createWriter(now: () => number, settings: WriterSettings): Writer {
  let { rate } = settings;
  let random = seededRandom(settings.seed);
  let due = 0;
  /** By provider, tenant and name, in the order in which they were first asked for. */
  const read = new Map<string, FakeStream>();

  function change(): void {
    const stream = drawn([...read.values()], random);
    const what = random();
    if (stream === undefined) return;
    if (what >= TOUCHED && what < ADDED) {
      stream.timeline.add(1, now(), stream.addStepMs);
      return;
    }
    const index = liveRow(stream, random);
    if (index !== undefined) stream.timeline.change([index], now(), what < TOUCHED ? 'touch' : stream.onDelete);
  }

  return {
    set(changed) {
      rate = changed.rate;
      random = seededRandom(changed.seed);
      due = 0;
    },
    after(fake, request) {
      const { tenant, streams = [] } = fake.reading(request) ?? {};
      for (const name of streams) {
        const stream = fake.stream(name, tenant);
        if (stream) read.set([fake.id, tenant, name].join(' '), stream);
      }
      if (streams.length === 0) return;
      for (due += rate; due >= 1; due--) change();
    },
  };
}

function liveRow({ timeline }: FakeStream, random: Random): number | undefined {
  for (let draw = 0; draw < DRAWS; draw++) {
    const index = Math.floor(random() * timeline.size());
    if (timeline.find(index)?.deleted === false) return index;
  }
  return undefined;
}

function drawn<T>(list: readonly T[], random: Random): T | undefined {
  return list[Math.floor(random() * list.length)];
}
