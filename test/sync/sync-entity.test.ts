import { describe, expect, it } from 'vitest';
import { LwiError } from '../../src/errors.ts';
import type { Call } from '../../src/http/http.ts';
import { failureOf, response } from '../http/support.ts';
import { START } from '../support/virtual-clock.ts';
import { api, MINUTE_MS, pagedStream, syncing, TARGET } from './support.ts';

const HOUR_MS = 60 * MINUTE_MS;
const down = () => new LwiError('SERVER_ERROR', 'down');

/** Three pages, as `first`, `p2`, `p3`; the provider's clock is 3 s ahead and goes on. */
const threePages = (page: string) => {
  if (page === 'first') return { rows: ['1', '2'], next: 'p2', date: START + 3000 };
  if (page === 'p2') return { rows: ['3'], next: 'p3', date: START + 9000 };
  return { rows: ['4'], date: START + 12_000 };
};

describe('the cursor', () => {
  it('sets aside rows whose ids are too long for a key of any database', async () => {
    const { sync, store } = syncing();
    const long = { updatedAt: START, deleted: false, data: {} };
    const rows = ['1', 'x'.repeat(1025), { ...long, id: '2', scope: 'ä'.repeat(257) }];
    expect(await sync(api(() => ({ rows })).send, pagedStream())).toMatchObject({ upserted: 1, rejected: 2 });
    const reasons: string[] = [];
    for await (const { reason } of store.setAside({ ...TARGET, entity: 'items' })) reasons.push(reason);
    expect(reasons.sort()).toEqual(['its id is longer than 1024 bytes', 'the id of its list is longer than 512 bytes']);
  });

  it("comes from the provider's clock at the first answer, not from the local one at the end", async () => {
    const { sync, clock, cursor } = syncing();
    const { send } = api(threePages);
    const slow: typeof send = async (...exchange) => {
      clock.jump(20_000);
      return send(...exchange);
    };
    const report = await sync(slow, pagedStream());
    expect([await cursor(), report.cursor]).toEqual([3000, new Date(START + 3000).toISOString()]);
  });

  it('comes from the local clock where the provider says no time', async () => {
    const { sync, cursor } = syncing();
    await sync(api(() => ({ rows: ['1'] })).send, pagedStream());
    expect(await cursor()).toBe(0);
  });

  it('overlaps its predecessor', async () => {
    const { sync, cursor } = syncing();
    const { send, asked } = api(() => ({ date: START + HOUR_MS }));
    await sync(send, pagedStream());
    await sync(send, pagedStream());
    expect(asked).toEqual(['first all', `first ${HOUR_MS - 10 * MINUTE_MS}`]);
    expect(await cursor()).toBe(HOUR_MS);
  });

  it('stays a second behind where windows do not overlap, because a Date has whole seconds', async () => {
    const { sync, cursor } = syncing();
    const stream = pagedStream({ overlapMs: 0 });
    await sync(api(() => ({ date: START })).send, stream);
    await sync(api(() => ({ date: START + 5000 })).send, stream);
    expect(await cursor()).toBe(4000);
  });

  it('never goes back, also when the clock of the provider does', async () => {
    const { sync, cursor } = syncing();
    await sync(api(() => ({ date: START + 5000 })).send, pagedStream());
    await sync(api(() => ({ date: START })).send, pagedStream());
    expect(await cursor()).toBe(5000);
  });

  it('moves with the last page only, in the transaction of its records', async () => {
    const { sync, store, cursor } = syncing();
    const seen: unknown[] = [];
    const report = await sync(api(threePages).send, pagedStream(), {
      observer: { page: ({ pages }) => void seen.push([pages, cursor(), store.syncSummary(TARGET)]) },
    });
    const steps = await Promise.all(seen.map((step) => Promise.all(step as Promise<unknown>[])));
    expect(steps.map(([pages, at, summary]) => [pages, at, (summary as { records: number }).records])).toEqual([
      [1, undefined, 2],
      [2, undefined, 3],
      [3, 3000, 4],
    ]);
    expect(report).toEqual({
      entity: 'items',
      upserted: 4,
      unchanged: 0,
      deleted: 0,
      pages: 3,
      requests: 3,
      throttledMs: 0,
      retries: 0,
      rejected: 0,
      cursor: '2026-01-05T10:00:03.000Z',
      coverage: [],
    });
  });

  it('does not move when the page cannot be stored', async () => {
    const { sync, store, cursor } = syncing();
    await sync(api(() => ({ date: START })).send, pagedStream());
    const full = api(() => ({ rows: ['1'], date: START + HOUR_MS })).send;
    const commitPage = store.commitPage;
    store.commitPage = () => Promise.reject(new LwiError('STORE_FULL', 'full'));
    expect(await failureOf(sync(full, pagedStream()))).toMatchObject({ code: 'STORE_FULL' });
    store.commitPage = commitPage;
    expect(await cursor()).toBe(0);
  });

  it('is one for each company, so that a replaced connection begins anew', async () => {
    const { sync, store } = syncing();
    await sync(api(() => ({ date: START })).send, pagedStream());
    expect(await store.cursor({ ...TARGET, externalId: 'co-2' }, 'items')).toBeUndefined();
  });
});

describe('an interrupted window', () => {
  /** Breaks at the third page, after two were stored. */
  async function interrupted(stream = pagedStream()) {
    const set = syncing();
    const { send } = api((page) => (page === 'p3' ? down() : threePages(page)));
    await failureOf(set.sync(send, stream));
    return set;
  }

  it('goes on at its page, with the window and the upper bound of its beginning', async () => {
    const { sync, cursor, clock, store } = await interrupted();
    clock.jump(HOUR_MS);
    const { send, asked } = api(threePages);
    const report = await sync(send, pagedStream());
    expect([asked, report.upserted, await cursor()]).toEqual([['p3 all'], 1, 3000]);
    expect((await store.cursor(TARGET, 'items'))?.resume).toBeUndefined();
  });

  it('starts anew where page tokens do not last', async () => {
    const { sync } = await interrupted(pagedStream({ resumable: false }));
    const { send, asked } = api(threePages);
    const report = await sync(send, pagedStream({ resumable: false }));
    expect([asked, report.upserted, report.unchanged]).toEqual([['first all', 'p2 all', 'p3 all'], 1, 3]);
  });

  it('starts anew when the provider no longer knows the page', async () => {
    const { sync, cursor } = await interrupted();
    const { send, asked } = api((page) =>
      page === 'p3' && asked.length === 1
        ? new LwiError('BAD_REQUEST', 'unknown page token')
        : { ...threePages(page), ...(page === 'first' ? { date: START + 60_000 } : {}) },
    );
    await sync(send, pagedStream());
    expect([asked, await cursor()]).toEqual([['p3 all', 'first all', 'p2 all', 'p3 all'], 60_000]);
  });

  it('does not start anew for trouble that may pass', async () => {
    const { sync } = await interrupted();
    const { send, asked } = api(down);
    expect(await failureOf(sync(send, pagedStream()))).toMatchObject({ code: 'SERVER_ERROR' });
    expect(asked).toEqual(['p3 all']);
  });

  it('is left where it was when the person stops between two pages', async () => {
    const { sync, store } = syncing();
    const person = new AbortController();
    const stop = { signal: person.signal, observer: { page: () => person.abort(new Error('stopped')) } };
    expect(await failureOf(sync(api(threePages).send, pagedStream(), stop))).toEqual(new Error('stopped'));
    expect((await store.cursor(TARGET, 'items'))?.resume?.request?.query['page']).toBe('p2');
    const { send, asked } = api(threePages);
    await sync(send, pagedStream());
    expect(asked).toEqual(['p2 all', 'p3 all']);
  });

  it('is seen by another process', async () => {
    const { open } = await interrupted();
    expect((await open().cursor(TARGET, 'items'))?.resume?.request?.query['page']).toBe('p3');
  });

  it('is not forgotten by a sync from a later time, while nothing before that was ever read', async () => {
    const { sync, cursor } = await interrupted();
    const { send, asked } = api(() => ({ rows: ['9'], date: START + HOUR_MS }));
    const report = await sync(send, pagedStream(), { since: START - HOUR_MS });
    expect([asked, report.upserted, report.cursor, await cursor()]).toEqual([
      [`first ${-HOUR_MS}`],
      1,
      null,
      undefined,
    ]);
    const rest = api(threePages);
    await sync(rest.send, pagedStream());
    expect([rest.asked, await cursor()]).toEqual([['p3 all'], 3000]);
  });
});

describe('--since', () => {
  const synced = async (date: number) => {
    const set = syncing();
    await set.sync(api(() => ({ date })).send, pagedStream());
    return set;
  };

  it('starts where it says, without the overlap', async () => {
    const { sync } = await synced(START);
    const { send, asked } = api(() => ({ date: START }));
    await sync(send, pagedStream(), { since: START - HOUR_MS });
    expect(asked).toEqual([`first ${-HOUR_MS}`]);
  });

  it('in front of the cursor moves it on', async () => {
    const { sync, cursor } = await synced(START);
    await sync(api(() => ({ date: START + HOUR_MS })).send, pagedStream(), { since: START - HOUR_MS });
    expect(await cursor()).toBe(HOUR_MS);
  });

  it('behind the cursor leaves no gap: the cursor stays', async () => {
    const { sync, cursor } = await synced(START);
    const report = await sync(api(() => ({ rows: ['1'], date: START + 2 * HOUR_MS })).send, pagedStream(), {
      since: START + HOUR_MS,
    });
    expect([report.upserted, report.cursor, await cursor()]).toEqual([1, new Date(START).toISOString(), 0]);
  });

  it('is where the mirror begins when there was no cursor', async () => {
    const { sync, cursor } = syncing();
    await sync(api(() => ({ date: START })).send, pagedStream(), { since: START - HOUR_MS });
    expect(await cursor()).toBe(0);
  });
});

describe('pages', () => {
  it.each<[string, Record<string, string>, number]>([
    ['points at itself', { first: 'first' }, 1],
    ['points at itself later on', { first: 'p2', p2: 'p3', p3: 'p3' }, 4],
    ['goes round in a circle of two', { first: 'p2', p2: 'first' }, 4],
    ['goes round in a circle of three', { first: 'p2', p2: 'p3', p3: 'p4', p4: 'p2' }, 8],
  ])('are an error when a page token %s', async (_name, next, most) => {
    const { sync, cursor } = syncing();
    const { send, asked } = api((page) => ({ rows: [page], next: next[page] ?? '', date: START }));
    expect(await failureOf(sync(send, pagedStream()))).toMatchObject({
      code: 'BAD_RESPONSE',
      message: 'The pages of items go round in a circle: the provider repeats a page.',
    });
    expect(asked.length).toBeLessThanOrEqual(most);
    expect(await cursor()).toBeUndefined();
  });

  it('may be many', async () => {
    const { sync } = syncing();
    const { send } = api((page) => {
      const number = Number(page.slice(1)) || 1;
      return { rows: [`r${number}`], date: START, ...(number < 100 ? { next: `p${number + 1}` } : {}) };
    });
    expect(await sync(send, pagedStream())).toMatchObject({ pages: 100, upserted: 100 });
  });

  it('that hold broken JSON are an error that names the request', async () => {
    const { sync } = syncing();
    const { send } = api(() => response(200, '{"data":}', { 'x-request-id': 'r-1' }));
    expect(await failureOf(sync(send, pagedStream()))).toMatchObject({
      code: 'BAD_RESPONSE',
      message: 'Acme answered 200 with broken JSON.',
      facts: { provider: 'acme', account: 'acme', statusCode: 200, requestId: 'r-1' },
    });
  });

  it('that are not what the stream expects are an error that names the request', async () => {
    const { sync } = syncing();
    const { send } = api(() => response(200, '{}', { 'x-request-id': 'r-2' }));
    const parse = () => {
      throw new LwiError('BAD_RESPONSE', 'the answer holds no list');
    };
    expect(await failureOf(sync(send, pagedStream({ parse })))).toMatchObject({
      ...{ code: 'BAD_RESPONSE', message: 'the answer holds no list' },
      facts: { provider: 'acme', account: 'acme', statusCode: 200, requestId: 'r-2' },
    });
  });

  it('are asked for as JSON, so that a page of HTML is repeated on the way', async () => {
    const { sync } = syncing();
    const calls: Call[] = [];
    const { send } = api(() => ({ rows: [], date: START }));
    const noted: typeof send = async (request, call) => {
      calls.push(call);
      return send(request, call);
    };
    await sync(noted, pagedStream());
    expect(calls.map(({ expects }) => expects)).toEqual(['json']);
  });

  it('go on past rows that cannot be read, which are counted and said', async () => {
    const { sync } = syncing();
    const { send } = api(() => ({ rows: ['1'], rejected: ['no id', 'no time'], date: START }));
    expect(await sync(send, pagedStream())).toMatchObject({ upserted: 1, rejected: 2 });
  });

  it('count records that were there already, and deletions', async () => {
    const { sync } = syncing();
    const gone = { id: '2', updatedAt: START + 1, deleted: true, data: null };
    await sync(api(() => ({ rows: ['1', '2'], date: START })).send, pagedStream());
    const report = await sync(api(() => ({ rows: ['1', gone], date: START })).send, pagedStream());
    expect(report).toMatchObject({ upserted: 0, unchanged: 1, deleted: 1 });
  });

  it('say once what they cannot see', async () => {
    const { sync } = syncing();
    const stream = pagedStream({
      start: (window) => ({ ...pagedStream().start(window), coverage: ['no deletions'] }),
    });
    const { send } = api((page) => ({ ...threePages(page), coverage: ['no deletions', 'only 90 days'] }));
    expect((await sync(send, stream)).coverage).toEqual(['no deletions', 'only 90 days']);
  });

  it('are read by calls that may be repeated, at the priority of a sync', async () => {
    const { sync } = syncing();
    const calls: unknown[] = [];
    const { send } = api(() => ({ date: START }));
    await sync(async (request, call) => {
      calls.push([request.method, call.repeatable, call.priority, call.purpose, call.connection, call.limits]);
      return send(request, call);
    }, pagedStream());
    expect(calls).toEqual([['GET', true, 'sync', 'sync items', { account: 'acme', provider: 'acme' }, ['default']]]);
  });
});

describe('a poll that the provider allows only now and then', () => {
  const stream = pagedStream({ minIntervalMs: 4 * MINUTE_MS });

  it('is not asked again too early, and says so', async () => {
    const { sync, clock, cursor } = syncing();
    const { send, asked } = api(() => ({ date: START }));
    await sync(send, stream);
    clock.jump(4 * MINUTE_MS - 1);
    expect(await sync(send, stream)).toMatchObject({
      pages: 0,
      cursor: new Date(START).toISOString(),
      coverage: ['asked again too early: the provider allows this poll in 1s'],
    });
    clock.jump(1);
    await sync(send, stream);
    expect([asked.length, await cursor()]).toEqual([2, 0]);
  });

  it('goes on at once with a window that was interrupted', async () => {
    const { sync } = syncing();
    await failureOf(sync(api((page) => (page === 'p2' ? down() : threePages(page))).send, stream));
    const { send, asked } = api(threePages);
    await sync(send, stream);
    expect(asked).toEqual(['p2 all', 'p3 all']);
  });

  it('is not held up by a clock that was set back', async () => {
    const { sync, clock } = syncing();
    const { send, asked } = api(() => ({ date: START }));
    await sync(send, stream);
    clock.jump(-HOUR_MS);
    await sync(send, stream);
    expect(asked).toHaveLength(2);
  });
});
