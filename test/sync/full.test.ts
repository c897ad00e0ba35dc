import { describe, expect, it } from 'vitest';
import { LwiError } from '../../src/errors.ts';
import type { StreamRecord } from '../../src/providers/stream.ts';
import { failureOf } from '../http/support.ts';
import { START } from '../support/virtual-clock.ts';
import { type Answered, api, MINUTE_MS, pagedStream, syncing, TARGET } from './support.ts';

const row = (id: string, at = START, more: Partial<StreamRecord> = {}): StreamRecord => ({
  ...{ id, updatedAt: at, deleted: false, data: { id, at } },
  ...more,
});
const rows = (...ids: string[]) => ids.map((id) => row(id));

/** A provider with these rows, in one page each for `first` and, of windows from a time on, nothing. */
const holding = (...ids: string[]) =>
  api((_page, request) =>
    new URL(request.url).searchParams.has('since') ? { date: START } : { rows: rows(...ids), date: START },
  );

const live = async (store: ReturnType<typeof syncing>['store']) => (await store.syncSummary(TARGET)).records;

describe('a full read', () => {
  it('buries what is gone, after it has read what changed meanwhile', async () => {
    const { sync, store, clock } = syncing();
    await sync(holding('1', '2', '3').send, pagedStream());
    clock.jump(MINUTE_MS);
    const { send, asked } = holding('1', '3');
    const report = await sync(send, pagedStream(), { full: true });
    expect(asked).toEqual(['first all', `first ${-10 * MINUTE_MS}`]);
    expect(report).toMatchObject({ upserted: 0, unchanged: 2, deleted: 1, cursor: '2026-01-05T10:00:00.000Z' });
    expect(await live(store)).toBe(2);
    expect(await store.cursor(TARGET, 'items')).toMatchObject({ watermark: START, resume: undefined });
  });

  it('keeps what moved out of sight while it was read: the tail has it', async () => {
    const { sync, store, clock } = syncing();
    await sync(holding('1', '2').send, pagedStream());
    clock.jump(MINUTE_MS);
    const moved = api((_page, request) =>
      new URL(request.url).searchParams.has('since')
        ? { rows: [row('2', START + 5000)], date: START + 9000 }
        : { rows: rows('1'), date: START },
    );
    expect(await sync(moved.send, pagedStream(), { full: true })).toMatchObject({ upserted: 1, deleted: 0 });
    expect(await live(store)).toBe(2);
  });

  it('buries nothing that came by another way while it was read', async () => {
    const { sync, store, clock } = syncing();
    await sync(holding('1').send, pagedStream());
    clock.jump(MINUTE_MS);
    const { send } = holding('1');
    const event = { ...{ target: TARGET, entity: 'items', run: 1, rejected: [] }, at: clock.now() + 1000 };
    let told = false;
    await sync(
      async (...exchange) => {
        if (!told) await store.commitPage({ ...event, records: [row('new')] });
        told = true;
        return send(...exchange);
      },
      pagedStream(),
      { full: true },
    );
    expect(await live(store)).toBe(2);
  });

  it('undoes a burial as soon as the record is seen again, in the same version', async () => {
    const { sync, store, clock } = syncing();
    await sync(holding('1', '2').send, pagedStream());
    clock.jump(MINUTE_MS);
    await sync(holding('1').send, pagedStream(), { full: true });
    expect(await live(store)).toBe(1);
    clock.jump(MINUTE_MS);
    expect(await sync(holding('1', '2').send, pagedStream(), { full: true })).toMatchObject({
      upserted: 1,
      deleted: 0,
    });
    expect(await live(store)).toBe(2);
  });

  it('does not look for what is gone when rows could not be read, and says so', async () => {
    const { sync, store, clock } = syncing();
    await sync(holding('1', '2').send, pagedStream());
    clock.jump(MINUTE_MS);
    const { send } = api((_page, request) =>
      new URL(request.url).searchParams.has('since') ? {} : { rows: rows('1'), rejected: ['no id'] },
    );
    const report = await sync(send, pagedStream(), { full: true });
    expect(report).toMatchObject({ deleted: 0, rejected: 1 });
    expect(report.coverage).toEqual([
      'What is gone from items was not looked for, because some rows could not be read.',
    ]);
    expect(await live(store)).toBe(2);
  });

  it.each([2, 3, 4])('goes on where it was killed, at request %i, and buries the same', async (kill) => {
    const { sync, store, clock } = syncing();
    const pages = (page: string, since: boolean, ids: readonly string[]): Answered => {
      if (since) return { rows: [], date: START + 5000 };
      if (page === 'first') return { rows: rows(ids[0] ?? ''), next: 'p2', date: START };
      if (page === 'p2') return { rows: rows(ids[1] ?? ''), next: 'p3', date: START };
      return { rows: rows(...ids.slice(2)), date: START };
    };
    const of = (ids: readonly string[]) =>
      api((page, request) => pages(page, new URL(request.url).searchParams.has('since'), ids));
    await sync(of(['1', '2', '3', '4']).send, pagedStream());
    clock.jump(MINUTE_MS);
    const { send, asked } = of(['1', '2', '4']);
    let requests = 0;
    const dying: typeof send = async (...exchange) => {
      requests += 1;
      if (requests === kill) throw new LwiError('NETWORK', 'killed');
      return send(...exchange);
    };
    expect(await failureOf(sync(dying, pagedStream(), { full: true }))).toMatchObject({ code: 'NETWORK' });
    // Also a plain sync finishes what was begun.
    await sync(send, pagedStream());
    expect(asked).toEqual(['first all', 'p2 all', 'p3 all', `first ${-10 * MINUTE_MS}`]);
    expect(await live(store)).toBe(3);
  });

  it('of a home that has nothing yet is just the first one', async () => {
    const { sync } = syncing();
    const { send, asked } = holding('1');
    await sync(send, pagedStream(), { full: true });
    expect(asked).toEqual(['first all']);
  });

  it('buries nothing of what may be forgotten without being undone', async () => {
    const { sync, store, clock } = syncing();
    const log = pagedStream({ absence: 'never' });
    await sync(holding('1', '2').send, log);
    clock.jump(MINUTE_MS);
    await sync(holding('2').send, log, { full: true });
    expect(await live(store)).toBe(2);
  });
});

describe('a list that is read whole each time', () => {
  const list = pagedStream({
    absence: 'list',
    overlapMs: 0,
    start: () => ({ request: { method: 'GET', path: '/items', query: { page: 'first' } }, coverage: [] }),
  });

  it('buries what is no longer in it, without being asked', async () => {
    const { sync, store, clock } = syncing();
    await sync(api(() => ({ rows: rows('1', '2') })).send, list);
    clock.jump(MINUTE_MS);
    expect(await sync(api(() => ({ rows: rows('2') })).send, list)).toMatchObject({ unchanged: 1, deleted: 1 });
    expect(await live(store)).toBe(1);
  });

  it('that changed while it was read, by its own count, buries nothing', async () => {
    const { sync, store, clock } = syncing();
    await sync(api(() => ({ rows: rows('1', '2', '3') })).send, list);
    clock.jump(MINUTE_MS);
    const { send } = api((page) =>
      page === 'first' ? { rows: rows('1'), next: 'p2', total: 3 } : { rows: rows('3'), total: 2 },
    );
    const report = await sync(send, list);
    expect(report.coverage).toEqual([
      'What is gone from items was not looked for, because the list changed while it was read.',
    ]);
    expect(await live(store)).toBe(3);
  });
});

describe('lists within a stream', () => {
  it('are settled one by one, as far as they were read', async () => {
    const { sync, store, clock } = syncing();
    const scoped = (scope: string, ...ids: string[]) => ids.map((id) => row(id, START, { scope }));
    const stream = pagedStream({ absence: 'pages' });
    await sync(api(() => ({ rows: [...scoped('a', 'a1', 'a2', 'a3'), ...scoped('b', 'b1')] })).send, stream);
    clock.jump(MINUTE_MS);
    const complete = [{ scope: 'a', from: 'a2', to: 'a9' }];
    expect(await sync(api(() => ({ rows: scoped('a', 'a2'), complete })).send, stream)).toMatchObject({ deleted: 1 });
    expect(await live(store)).toBe(3);
  });
});

describe('--limit', () => {
  const two = (page: string): Answered =>
    page === 'first' ? { rows: ['1', '2', '3'], next: 'p2', date: START } : { rows: ['4', '5'], date: START };

  it('stores no more than that, and what was cut off comes again', async () => {
    const { sync, store, cursor } = syncing();
    const report = await sync(api(two).send, pagedStream(), { limit: 2 });
    expect(report).toMatchObject({ upserted: 2, pages: 1, cursor: null });
    expect(report.coverage).toEqual(['Stopped after 2 records, as --limit asked: the next run reads the rest.']);
    expect([await live(store), await cursor()]).toEqual([2, undefined]);
    const { send, asked } = api(two);
    expect(await sync(send, pagedStream())).toMatchObject({ upserted: 3, unchanged: 2 });
    expect(asked).toEqual(['first all', 'p2 all']);
  });

  it('at the end of a page goes on behind it', async () => {
    const { sync } = syncing();
    await sync(api(two).send, pagedStream(), { limit: 3 });
    const { send, asked } = api(two);
    await sync(send, pagedStream());
    expect(asked).toEqual(['p2 all']);
  });

  it('that is just enough is no limit', async () => {
    const { sync, cursor } = syncing();
    expect(await sync(api(two).send, pagedStream(), { limit: 5 })).toMatchObject({ upserted: 5, coverage: [] });
    expect(await cursor()).toBe(0);
  });
});

describe('bookmarks of somebody else', () => {
  it('go before the stored cursor, which they move only without a gap', async () => {
    const { sync, cursor } = syncing();
    await sync(api(() => ({ date: START })).send, pagedStream());
    const { send, asked } = api(() => ({ date: START + 9000 }));
    await sync(send, pagedStream(), { bookmarks: new Map([['items', START - 60_000]]) });
    await sync(send, pagedStream(), { bookmarks: new Map() });
    expect(asked).toEqual(['first -60000', 'first all']);
    expect(await cursor()).toBe(9000);
  });
});

describe('a provider whose clock is ahead', () => {
  it('does not lead the cursor past the bound that the request named', async () => {
    const { sync, cursor } = syncing();
    const bounded = pagedStream();
    const stream = {
      ...bounded,
      start: (window: Parameters<typeof bounded.start>[0]) => ({ ...bounded.start(window), until: window.now }),
    };
    await sync(api(() => ({ date: START + 5 * 3_600_000 })).send, stream);
    expect(await cursor()).toBe(0);
    await sync(api(() => ({ date: START - 5 * 3_600_000 })).send, stream);
    expect(await cursor()).toBe(0);
  });
});

describe('a poll that is rationed', () => {
  it('is noted before it is sent, so that a killed run does not ask again too early', async () => {
    const { sync, clock } = syncing();
    const stream = pagedStream({ minIntervalMs: 4 * MINUTE_MS });
    const { send, asked } = api(() => new LwiError('NETWORK', 'killed'));
    await failureOf(sync(send, stream));
    clock.jump(MINUTE_MS);
    expect((await sync(send, stream)).coverage).toEqual(['asked again too early: the provider allows this poll in 3m']);
    clock.jump(3 * MINUTE_MS);
    await failureOf(sync(send, stream));
    expect(asked).toHaveLength(2);
  });
});
