import { cpSync } from 'node:fs';
import { watch } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock, systemRandom } from '../../src/clock.ts';
import { seededRandom } from '../../src/mock/seeded-random.ts';
import { openBroughtProvider } from '../support/brought-provider.ts';
import type { Received } from '../support/odd-server.ts';
import { failureOf, type Scenario } from '../support/scenario.ts';
import { integrity, queryStore, recordIds } from '../support/store-file.ts';
import { thorough } from '../support/thorough.ts';

/** Another one each time; `LWI_TEST_SEED` repeats a run, as far as processes repeat themselves. */
const SEED = Number(process.env['LWI_TEST_SEED'] ?? Math.floor(systemRandom() * 1e9));
const KILLS = thorough(30, 200);
const RECORDS = 50_000;
const PAGE = 1000;
const PAGES = RECORDS / PAGE;
/** Machines that sync, and are killed, side by side. */
const LANES = 3;
const WORDS = ['sync', 'acme', '--json'];

const IDS = Array.from({ length: RECORDS }, (_, index) => `row-${String(index).padStart(6, '0')}`);
const pageAt = (first: number) =>
  IDS.slice(first, first + PAGE).map((id, offset) => ({ id, n: first + offset, at: '2026-01-05T12:00:00Z' }));

function answer({ query }: Received) {
  const first = Number(query.get('after') ?? 0);
  return { json: { rows: pageAt(first), next: first + PAGE < RECORDS ? first + PAGE : null } };
}

const DEFINITION = {
  streams: [
    {
      ...{ name: 'rows', path: '/rows', items: 'rows', updatedAt: 'at' },
      page: { type: 'cursor' as const, parameter: 'after', next: 'next' },
    },
  ],
  // The request of a process that was killed counts as in flight for a while: room for many.
  limits: [{ permits: 10_000, perMs: 1000, burst: 10_000, concurrency: 1000 }],
};

/** What a kill met: no request had been sent, the last page was not yet in the store, or it was. */
type Met = 'no request' | 'a page on its way' | 'a stored page';

/** Resolves at some moment of a run, of which it sees how many pages have been asked for; rejects when the run is over before. */
type Moment = (asked: () => number, over: AbortSignal) => Promise<void>;

/** One home in which 50,000 rows are synced, with what its processes asked for. */
class Sync {
  readonly home: string;
  readonly fetched = new Map<number, number>();
  readonly hit = new Map<number, number>();
  readonly met: Met[] = [];
  readonly #lwi: Scenario;
  readonly #received: Received[];

  constructor(lwi: Scenario, received: Received[], name: string) {
    this.#lwi = lwi;
    this.#received = received;
    this.home = join(lwi.cwd, name);
    cpSync(lwi.home, this.home, { recursive: true });
  }

  get stored(): number {
    return queryStore<{ n: number }>(this.home, 'SELECT count(*) AS n FROM records')[0]?.n ?? 0;
  }

  /** Starts a process and kills it at a moment, unless it ends before. Without a moment it runs to its end. */
  async run(moment?: Moment): Promise<'killed' | 'ended'> {
    this.#received.length = 0;
    const { child, ended } = this.#lwi.start(WORDS, { env: { LWI_HOME: this.home }, limitMs: 60_000 });
    const over = new AbortController();
    const killed = moment?.(() => this.#received.length, over.signal).then(
      () => child.kill('SIGKILL'),
      () => false,
    );
    const { code, ...output } = await ended;
    over.abort();
    await killed;
    // Nothing but the signal ends it early.
    if (code !== null && code !== 0) throw new Error(JSON.stringify(failureOf({ code, ...output })));
    const pages = this.#received.map(({ query }) => Number(query.get('after') ?? 0) / PAGE);
    for (const page of pages) this.fetched.set(page, (this.fetched.get(page) ?? 0) + 1);
    if (code === 0) return 'ended';
    const last = pages.at(-1);
    if (last !== undefined) this.hit.set(last, (this.hit.get(last) ?? 0) + 1);
    const { stored } = this;
    expect(stored % PAGE).toBe(0);
    this.met.push(last === undefined ? 'no request' : stored > last * PAGE ? 'a stored page' : 'a page on its way');
    return 'killed';
  }

  /** Nothing is lost, nothing was done twice, and no page was asked for again but those that a kill had hit. */
  expectWhole(): void {
    expect(recordIds(this.home, 'rows')).toEqual(IDS);
    expect(integrity(this.home)).toBe('ok');
    const [counted] = queryStore(
      this.home,
      'SELECT sum(pages) AS pages, sum(upserted) AS upserted, sum(unchanged) AS unchanged, sum(deleted) AS deleted FROM sync_runs',
    );
    expect(counted).toEqual({ pages: PAGES, upserted: RECORDS, unchanged: 0, deleted: 0 });
    expect([...this.fetched.keys()].toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: PAGES }, (_, page) => page),
    );
    for (const [page, times] of this.fetched) {
      expect(times, `page ${page}`).toBeLessThanOrEqual(1 + (this.hit.get(page) ?? 0));
    }
  }
}

const after =
  (ms: number): Moment =>
  (_asked, over) =>
    systemClock.sleep(ms, over);

/** So many ms after so many pages have been asked for. */
const behind =
  (pages: number, ms: number): Moment =>
  async (asked, over) => {
    while (asked() < pages) await systemClock.sleep(1, over);
    await systemClock.sleep(ms, over);
  };

/** At so manyth write to the log that every transaction goes into, after so many pages have been asked for. */
const writing =
  (home: string, pages: number, count: number): Moment =>
  async (asked, over) => {
    await behind(pages, 0)(asked, over);
    let left = count;
    for await (const { filename } of watch(home, { signal: over })) {
      if (filename === 'lwi.db-wal' && --left <= 0) return;
    }
  };

test(`a sync of 50,000 rows that is killed at ${KILLS} moments (seed ${SEED}) loses nothing and repeats only what a kill had hit`, {
  timeout: 300_000,
}, async () => {
  const random = seededRandom(SEED);
  const upTo = (most: number) => Math.floor(random() * most);
  let kills = 0;
  const met = new Map<Met, number>();

  async function lane(): Promise<void> {
    const { lwi, received } = await openBroughtProvider(answer, DEFINITION);
    for (let homes = 0; kills < KILLS; homes++) {
      const sync = new Sync(lwi, received, `home-${homes}`);
      // With the last page the sync is complete, also when its process does not live to tell.
      for (let ran = 'killed'; ran === 'killed' && sync.stored < RECORDS && kills < KILLS; ) {
        kills += 1;
        const [way, pages] = [random(), 1 + upTo(4)];
        const late = way < 0.6 ? behind(pages, upTo(25)) : writing(sync.home, pages, 1 + upTo(12));
        ran = await sync.run(way < 0.2 ? after(upTo(400)) : late);
        if (ran === 'ended') kills -= 1;
      }
      if (sync.stored < RECORDS) await sync.run();
      sync.expectWhole();
      for (const moment of sync.met) met.set(moment, (met.get(moment) ?? 0) + 1);
    }
  }

  await Promise.all(Array.from({ length: LANES }, lane));
  expect(kills).toBe(KILLS);
  // The moments are spread: where a kill fell is told by what it left.
  for (const moment of ['no request', 'a page on its way', 'a stored page'] as const) {
    expect(met.get(moment) ?? 0, moment).toBeGreaterThan(Math.floor(KILLS / 50));
  }
});
