import { describe, expect, it } from 'vitest';
import { type ErrorCode, LwiError } from '../../src/errors.ts';
import type { HttpRequest } from '../../src/http/http.ts';
import type { Stream } from '../../src/providers/stream.ts';
import { failureOf } from '../http/support.ts';
import { START } from '../support/virtual-clock.ts';
import { api, pagedStream, syncing, TARGET } from './support.ts';

/** A stream with a path of its own. */
function named(name: string): Stream {
  const { start, ...rest } = pagedStream({ name });
  return {
    ...rest,
    start: (window) => {
      const { request, coverage } = start(window);
      return { coverage, request: { ...request, path: `/${name}` } };
    },
  };
}

const STREAMS = ['bills', 'invoices', 'vendors'].map(named);
const nameOf = ({ url }: HttpRequest) => new URL(url).pathname.split('/').at(-1) ?? '';

/** An API where one entity fails. */
const failing = (name: string, error: Error) =>
  api((_page, request) => (nameOf(request) === name ? error : { rows: ['1'], date: START }));

describe('the sync of a connection', () => {
  it('pulls all entities, one after the other, and says when', async () => {
    const { syncAll, store } = syncing();
    const report = await syncAll(api(() => ({ rows: ['1'], date: START })).send, STREAMS);
    expect(report).toMatchObject({
      provider: 'acme',
      account: 'acme',
      startedAt: '2026-01-05T10:00:00.000Z',
      finishedAt: '2026-01-05T10:00:00.000Z',
    });
    expect(report.entities.map(({ entity, upserted, error }) => [entity, upserted, error])).toEqual([
      ['bills', 1, undefined],
      ['invoices', 1, undefined],
      ['vendors', 1, undefined],
    ]);
    expect(await store.syncSummary(TARGET)).toEqual({ lastRunAt: START, lastOutcome: 'done', records: 3 });
  });

  it("goes on past one entity's failure, which keeps its old cursor", async () => {
    const { syncAll, store, cursor } = syncing();
    const error = new LwiError('FORBIDDEN', 'no permission');
    const report = await syncAll(failing('invoices', error).send, STREAMS);
    expect(report.entities.map((entity) => [entity.entity, entity.error, entity.cursor !== null])).toEqual([
      ['bills', undefined, true],
      ['invoices', error, false],
      ['vendors', undefined, true],
    ]);
    expect([await cursor('bills'), await cursor('invoices'), await cursor('vendors')]).toEqual([0, undefined, 0]);
    expect(await store.syncSummary(TARGET)).toMatchObject({ lastOutcome: 'failed', records: 2 });
  });

  it.each<ErrorCode>(['RECONNECT_REQUIRED', 'NOT_CONNECTED', 'LEASE_BUSY', 'CIRCUIT_OPEN'])(
    'asks for nothing more after %s, because it would be the same',
    async (code) => {
      const { syncAll } = syncing();
      const error = new LwiError(code, 'no');
      const { send, asked } = failing('bills', error);
      const report = await syncAll(send, STREAMS);
      expect([asked.length, report.entities.map((entity) => entity.error)]).toEqual([1, [error, error, error]]);
    },
  );

  it.each([
    ['trouble in the store', new LwiError('STORE_FULL', 'full')],
    ['a defect', new TypeError('x is not a function')],
  ])('ends with %s, which is nothing of one entity', async (_name, error) => {
    const { syncAll } = syncing();
    const { send, asked } = failing('bills', error);
    expect(await failureOf(syncAll(send, STREAMS))).toBe(error);
    expect(asked).toHaveLength(1);
  });

  it('stops when the person does, and says so in the run', async () => {
    const { syncAll, store } = syncing();
    const person = new AbortController();
    const { send, asked } = api(() => {
      person.abort(new LwiError('INTERRUPTED', 'stopped'));
      return new LwiError('INTERRUPTED', 'stopped');
    });
    expect(await failureOf(syncAll(send, STREAMS, { signal: person.signal }))).toMatchObject({ code: 'INTERRUPTED' });
    expect(asked).toHaveLength(1);
    expect(await store.syncSummary(TARGET)).toMatchObject({ lastOutcome: 'stopped', records: 0 });
  });
});
