import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type Clock, systemClock } from '../../../src/clock.ts';
import type { Send } from '../../../src/http/http.ts';
import type { RotationParts } from '../../../src/oauth/rotation.ts';
import { unfinishedElsewhere } from '../../../src/oauth/unfinished-rotation.ts';
import type { Stream } from '../../../src/providers/stream.ts';
import { openPostgresStore } from '../../../src/store/postgres/open.ts';
import type { ConnectionRow } from '../../../src/store/store.ts';
import { planEntity } from '../../../src/sync/plan.ts';
import { syncEntity } from '../../../src/sync/sync-entity.ts';
import { acme } from '../../http/support.ts';
import { freshDatabase, needsPostgres } from '../../support/postgres.ts';
import { api, pagedStream, TARGET } from '../../sync/support.ts';
import { KEY, sampleConnection } from '../sample-rows.ts';

const MINUTE_MS = 60_000;

/** Two machines at one database, the clock of the first one so far ahead of that of the second. */
const APART = [10 * MINUTE_MS, -10 * MINUTE_MS];

async function machine(url: string, aheadMs: number) {
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
  const store = await openPostgresStore(url, 'test', { now: clock.now });
  onTestFinished(() => store.close());
  const order = { kind: 'sync', owner: 'test' } as const;
  const signal = new AbortController().signal;
  const sync = async (send: Send, stream: Stream, full: boolean) => {
    const run = await store.startRun(TARGET, { ...order, startedAt: clock.now() });
    const deps = { send, store, clock, signal, provider: acme(), baseUrl: 'https://api.acme.example/v1', run };
    const plan = await planEntity({ ...deps, target: TARGET }, stream, { ...order, full });
    await syncEntity({ ...deps, target: TARGET, observer: {} }, plan);
    return { ...plan.report, waitMs: plan.waitMs };
  };
  /** A record that a webhook brought. */
  const commit = (id: string) =>
    store.commitPage({
      ...{ target: TARGET, entity: 'items', run: 0, rejected: [], at: clock.now() },
      records: [{ id, updatedAt: clock.now(), deleted: false, data: { id } }],
    });
  const live = async () => {
    const ids: string[] = [];
    for await (const { id } of store.records({ ...TARGET, entity: 'items' })) ids.push(id);
    return ids;
  };
  return { store, clock, sync, commit, live };
}

describe('machines whose clocks are apart', () => {
  beforeEach(needsPostgres);

  test.each(APART)(
    '%i ms: a full read buries what is gone, and nothing that the other one stores meanwhile',
    async (ahead) => {
      const { url } = await freshDatabase();
      const [one, two] = [await machine(url, ahead), await machine(url, 0)];
      const stream = pagedStream();
      await one.sync(api(() => ({ rows: ['kept', 'gone'] })).send, stream, false);
      await two.commit('gone too');
      const { send } = api(() => ({ rows: ['kept'] }));
      let told = false;
      const meanwhile: Send = async (...exchange) => {
        if (!told) await two.commit('new');
        told = true;
        return send(...exchange);
      };
      expect(await one.sync(meanwhile, stream, true)).toMatchObject({ deleted: 2 });
      expect(await one.live()).toEqual(['kept', 'new']);
    },
  );

  test.each(APART)('%i ms: keep the pause between two polls that the provider asks for', async (ahead) => {
    const { url } = await freshDatabase();
    const [one, two] = [await machine(url, ahead), await machine(url, 0)];
    const stream = pagedStream({ minIntervalMs: 5 * MINUTE_MS });
    const { send, asked } = api(() => ({ rows: ['1'] }));
    await one.sync(send, stream, false);
    const { waitMs } = await two.sync(send, stream, false);
    expect(asked).toHaveLength(1);
    expect(waitMs).toBeGreaterThan(4 * MINUTE_MS);
    expect(waitMs).toBeLessThanOrEqual(5 * MINUTE_MS);
  });

  test.each(APART)(
    '%i ms: wait for a refresh that another one began, once, and leave the token endpoint alone after a failure',
    async (ahead) => {
      const { url } = await freshDatabase();
      const [one, two] = [await machine(url, ahead), await machine(url, 0)];
      await one.store.putConnection(sampleConnection(), undefined);
      const failure = { outcome: 'failed', detail: 'HTTP 503' } as const;
      const row = async ({ store }: typeof one) => (await store.connection(KEY)) as ConnectionRow;
      const waits = async ({ store, clock }: typeof one) => {
        let slept = 0;
        const sleep = async () => {
          slept += 1;
        };
        const parts = { store, clock: { ...clock, sleep } } as unknown as RotationParts;
        await unfinishedElsewhere(parts, await row({ store } as typeof one), new AbortController().signal);
        return slept > 0;
      };

      await two.store.failRotation(KEY, { ...failure, at: two.clock.now() }, 1);
      const failedAgo = one.clock.now() - ((await row(one)).lastRefresh?.at ?? 0);
      expect(Math.abs(failedAgo)).toBeLessThan(10_000);
      expect(await waits(two)).toBe(false);
      await one.store.beginRotation(KEY, 1, { startedAt: one.clock.now(), owner: '1@here' });
      expect([await waits(two), await waits(one)]).toEqual([true, true]);
      // Somebody has waited for it, began another one, and could not send it.
      const { rotation } = await row(two);
      await two.store.beginRotation(KEY, 1, { startedAt: two.clock.now(), owner: '2@there' });
      await two.store.failRotation(KEY, { ...failure, at: two.clock.now(), note: rotation }, 1);
      expect((await row(two)).rotation?.owner).toBe('1@here');
      expect([await waits(two), await waits(one)]).toEqual([false, false]);
    },
  );
});
