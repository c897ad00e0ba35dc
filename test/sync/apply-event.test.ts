import { expect, test } from 'vitest';
import { LwiError } from '../../src/errors.ts';
import type { HttpRequest } from '../../src/http/http.ts';
import type { Stream, StreamRecord } from '../../src/providers/stream.ts';
import type { WebhookEvent } from '../../src/providers/webhook-settings.ts';
import { applyEvents } from '../../src/sync/apply-event.ts';
import { acme, failureOf, response } from '../http/support.ts';
import { START } from '../support/virtual-clock.ts';
import { pagedStream, syncing, TARGET } from './support.ts';

const record = (id: string, change: Partial<StreamRecord> = {}): StreamRecord => ({
  ...{ id, updatedAt: START, deleted: false, data: { id } },
  ...change,
});

const event = (entityId: string, change: Partial<WebhookEvent> = {}): WebhookEvent => ({
  ...{ type: 'changed', entity: 'items', entityId, externalId: TARGET.externalId, occurredAt: START + 1000 },
  ...change,
});

const withLookup: Stream = pagedStream({ lookup: (id) => ({ method: 'GET', path: '/item', query: { page: id } }) });

/** Applies deliveries; `rows` is what the provider has, an error what it answers. */
function applying(rows: Record<string, StreamRecord[] | Error> = {}, streams: readonly Stream[] = [withLookup]) {
  const { store, clock, cursor } = syncing();
  const asked: string[] = [];
  const soon: (string | undefined)[] = [];
  const stop = new AbortController();
  const deps = {
    ...{ store, clock, signal: stop.signal, provider: { ...acme(), streams }, baseUrl: 'https://api.acme.example/v1' },
    ...{ target: TARGET, owner: 'test', pollSoon: (entity?: string) => void soon.push(entity) },
    send: async (request: HttpRequest) => {
      const id = new URL(request.url).searchParams.get('page') ?? '';
      asked.push(id);
      const found = rows[id] ?? [];
      if (found instanceof Error) throw found;
      return response(200, { rows: found });
    },
  };
  return {
    store,
    cursor,
    asked,
    soon,
    stop,
    deps,
    apply: (...deliveries: WebhookEvent[][]) => applyEvents(deps, deliveries),
  };
}

const live = async (store: { syncSummary(target: typeof TARGET): Promise<{ records: number }> }) =>
  (await store.syncSummary(TARGET)).records;

test('a record that several deliveries name is fetched once, and no cursor moves', async () => {
  const { apply, asked, store, cursor } = applying({ 7: [record('7')], 8: [record('8')] });
  const report = await apply([event('7')], [event('7'), event('8')], [event('7')]);
  expect(asked.toSorted()).toEqual(['7', '8']);
  expect(report).toMatchObject({ errors: [undefined, undefined, undefined], run: expect.any(Number) });
  expect(report.changes).toHaveLength(2);
  expect(await live(store)).toBe(2);
  expect(await cursor()).toBeUndefined();
});

test('a deletion is a tombstone with the time of the event, with no request; a late copy does not undo it', async () => {
  const { apply, asked, store } = applying();
  await store.commitPage({ target: TARGET, entity: 'items', run: 1, records: [record('7')], rejected: [], at: START });
  expect((await apply([event('7', { deleted: true })])).changes).toMatchObject([{ deleted: 1 }]);
  expect(asked).toEqual([]);
  const late = { target: TARGET, entity: 'items', run: 1, records: [record('7')], rejected: [], at: START };
  expect(await store.commitPage(late)).toMatchObject({ unchanged: 1 });
  expect(await live(store)).toBe(0);
});

test('when events disagree on whether it is gone, the provider is asked', async () => {
  const { apply, asked, store } = applying({ 7: [record('7')] });
  await apply([event('7', { deleted: true })], [event('7')]);
  expect([asked, await live(store)]).toEqual([['7'], 1]);
});

test.each<[string, StreamRecord[] | Error]>([
  ['an empty answer', []],
  ['a 404', new LwiError('NOT_FOUND', 'no such item')],
  ['another record than the one that was asked for', [record('6')]],
])('%s is a tombstone, which any sight of the record undoes', async (_, answer) => {
  const { apply, store } = applying({ 7: answer });
  const page = { target: TARGET, entity: 'items', run: 1, records: [record('7')], rejected: [], at: START };
  await store.commitPage(page);
  expect((await apply([event('7')])).errors).toEqual([undefined]);
  expect(await live(store)).toBe(0);
  await store.commitPage(page);
  expect(await live(store)).toBe(1);
});

test('a row that cannot be read is set aside, and buries nothing', async () => {
  const { store, deps } = applying();
  await store.commitPage({ target: TARGET, entity: 'items', run: 1, records: [record('7')], rejected: [], at: START });
  const send = async () => response(200, { rejected: ['no id'] });
  await applyEvents({ ...deps, send }, [[event('7')]]);
  expect(await live(store)).toBe(1);
});

test('what cannot be fetched by itself is polled for: no lookup, no id, an id that is none, or no word of what', async () => {
  const { apply, asked, soon } = applying({}, [withLookup, pagedStream({ name: 'orders' })]);
  const odd = [
    event('1', { entity: 'orders' }),
    { ...event('x'), entityId: undefined as never },
    event('x'.repeat(501)),
  ];
  expect(await apply(odd, [{ type: 'dropped', gap: true }])).toEqual({
    ...{ errors: [undefined, undefined], changes: [], meter: { requests: 0, retries: 0, throttledMs: 0 } },
  });
  expect([asked, soon]).toEqual([[], ['orders', 'items', 'items', undefined]]);
});

test('what is about another company, or nothing that is mirrored, is left alone', async () => {
  const { apply, asked, soon } = applying({ 7: [record('7')] });
  await apply([event('7', { externalId: 'co-2', gap: true }), event('7', { entity: 'weather' }), { type: 'hello' }]);
  expect([asked, soon]).toEqual([[], []]);
});

test('a failure is that of the deliveries that need the record; the others are applied', async () => {
  const down = new LwiError('SERVER_ERROR', 'down');
  const { apply, store } = applying({ 7: down, 8: [record('8')] });
  const { errors } = await apply([event('7')], [event('8')], [event('8'), event('7')]);
  expect(errors.map((error) => error?.code)).toEqual(['SERVER_ERROR', undefined, 'SERVER_ERROR']);
  expect(await live(store)).toBe(1);
});

test('a lost connection is not asked for the next record', async () => {
  const lost = new LwiError('RECONNECT_REQUIRED', 'lost');
  const ids = Array.from({ length: 50 }, (_, at) => String(at));
  const { apply, asked } = applying(Object.fromEntries(ids.map((id) => [id, lost])));
  const { errors } = await apply(...ids.map((id) => [event(id)]));
  expect(new Set(errors.map((error) => error?.code))).toEqual(new Set(['RECONNECT_REQUIRED']));
  expect(asked.length).toBeLessThanOrEqual(4);
});

test('a stop and trouble of the store end it', async () => {
  const stopped = applying({ 7: new LwiError('INTERRUPTED', 'stop') });
  stopped.stop.abort(new LwiError('INTERRUPTED', 'stop'));
  expect(await failureOf(stopped.apply([event('7')]))).toMatchObject({ code: 'INTERRUPTED' });
  const full = applying({ 7: [record('7')] });
  const commitPage = async () => Promise.reject(new LwiError('STORE_FULL', 'full'));
  const store = { ...full.store, commitPage };
  expect(await failureOf(applyEvents({ ...full.deps, store }, [[event('7')]]))).toMatchObject({ code: 'STORE_FULL' });
});
