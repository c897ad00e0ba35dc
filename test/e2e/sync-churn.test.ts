import { describe, expect, test } from 'vitest';
import { systemClock, systemRandom } from '../../src/clock.ts';
import type { MockOptions } from '../../src/mock/settings.ts';
import { shiftedClock } from '../../src/mock/shifted-clock.ts';
import { differences, NONE } from '../support/mirror.ts';
import { inThisProcess, openScenario, type Scenario } from '../support/scenario.ts';
import { queryStore } from '../support/store-file.ts';
import { thorough } from '../support/thorough.ts';

/** Another one each time; `LWI_TEST_SEED` repeats a run. It is in the names of the tests. */
const SEED = Number(process.env['LWI_TEST_SEED'] ?? Math.floor(systemRandom() * 1e9));

const HOUR_MS = 3_600_000;
// Two pages of each list.
const RECORDS = 1600;
const QUICKBOOKS = ['sync', 'quickbooks', '--entity', 'invoices', 'customers'];

/** A company in which nobody is refused for a rate limit. */
async function books(options: Partial<MockOptions>): Promise<Scenario> {
  const lwi = inThisProcess(await openScenario({ records: RECORDS, rateLimits: false, ...options }));
  await lwi.connected(['quickbooks']);
  return lwi;
}

async function expectExact(lwi: Scenario): Promise<void> {
  expect(await differences(lwi, 'quickbooks/invoices', 'invoices'), 'invoices').toEqual(NONE);
  expect(await differences(lwi, 'quickbooks/customers', 'customers'), 'customers').toEqual(NONE);
}

describe('rows that change while they are read', () => {
  const [slow, fast, behind, ahead] = [
    { hours: 0, rate: 20, seed: SEED },
    { hours: 0, rate: 250, seed: SEED + 1 },
    { hours: -5, rate: 250, seed: SEED + 2 },
    { hours: 3, rate: 20, seed: SEED + 3 },
  ] as const;
  test.each(thorough([behind, ahead], [slow, fast, behind, ahead]))(
    '$rate an answer (seed $seed), by a clock that is $hours h ahead: the sync after it makes the mirror exact',
    { timeout: 60_000 },
    async ({ hours, rate, seed }) => {
      const lwi = await books({ clock: shiftedClock(systemClock, hours * HOUR_MS), writer: { rate, seed } });
      await lwi.json(QUICKBOOKS);
      await lwi.json(QUICKBOOKS);
      await lwi.control('writer?rate=0');
      await lwi.json(QUICKBOOKS);
      await expectExact(lwi);
    },
  );

  test.each([3])(
    `a first sync that is killed (seed ${SEED}, clock %s h ahead) is taken up, and the one after it makes the mirror exact`,
    {
      timeout: 60_000,
    },
    async (hours) => {
      const lwi = await books({ clock: shiftedClock(systemClock, hours * HOUR_MS), writer: { rate: 60, seed: SEED } });
      const running = lwi.start(QUICKBOOKS);
      const stored = () => queryStore(lwi.home, 'SELECT 1 FROM records').length;
      await expect.poll(stored, { interval: 5, timeout: 20_000 }).toBeGreaterThan(1000);
      running.child.kill('SIGKILL');
      await running.ended;
      await lwi.json(QUICKBOOKS);
      await lwi.control('writer?rate=0');
      await lwi.json(QUICKBOOKS);
      await expectExact(lwi);
    },
  );
});

/** So that no overlap of windows hides a cursor that has moved too far: a second here is fifty minutes there. */
test.each([30])(
  'a sync that takes hours by the clock of the provider, with %s changes an answer',
  {
    timeout: 60_000,
  },
  async (rate) => {
    // Only from the first sync on: the code of a grant would not live long enough.
    let hurriesFrom = Number.POSITIVE_INFINITY;
    const now = () => systemClock.now() + Math.max(0, systemClock.now() - hurriesFrom) * 3000;
    const writer = { rate, seed: SEED };
    const lwi = await books({
      clock: { ...systemClock, now },
      writer,
      records: 12_000,
      tokenLifetimeMs: 90 * 24 * HOUR_MS,
    });
    hurriesFrom = systemClock.now();
    for (let times = 0; times < 2; times++) await lwi.json(QUICKBOOKS);
    await lwi.control('writer?rate=0');
    await lwi.json(QUICKBOOKS);
    await expectExact(lwi);
  },
);

/** Lists that are always read as a whole: what is no longer in them is gone. */
test.each([
  { provider: 'slack', entities: ['users', 'channels'] },
  { provider: 'mycarrierpackets', entities: ['monitored-carriers', 'blocked-carriers', 'carriers'] },
])(
  'lists of $provider in which rows come and go while they are read',
  { timeout: 60_000 },
  async ({ provider, entities }) => {
    const lwi = inThisProcess(
      await openScenario({ records: 700, rateLimits: false, writer: { rate: 30, seed: SEED } }),
    );
    const words = ['sync', provider, '--entity', ...entities];
    await lwi.connected([provider]);
    await lwi.json(words);
    await lwi.control('writer?rate=0');
    await lwi.json(words);
    // People who left stay in the list of Slack; lwi writes the number of a carrier beside its row, in one way.
    const added = provider === 'slack' ? [] : ['dot'];
    const isLive = (row: Readonly<Record<string, unknown>>) => row['deleted'] !== true;
    for (const entity of entities) {
      expect(await differences(lwi, `${provider}/${entity}`, entity, { isLive, added }), entity).toEqual(NONE);
    }
  },
);

/** QuickBooks' change feed gives 1000 changes at most, of which the newest are left out. */
describe('more changes between two syncs than the change feed gives', () => {
  test.each([
    { touched: 1500, deleted: 1200 },
    { touched: 998, deleted: 1 },
    { touched: 999, deleted: 2 },
  ])('$touched rows that changed and $deleted that were deleted', { timeout: 60_000 }, async ({ touched, deleted }) => {
    const lwi = await books({});
    await lwi.json(QUICKBOOKS);
    await expectExact(lwi);
    for (const stream of ['invoices', 'customers']) {
      // The deleted ones last: they are what the feed cuts off.
      if (touched > 0) await lwi.control(`quickbooks/touch?stream=${stream}&count=${touched}`);
      if (deleted > 0) await lwi.control(`quickbooks/delete?stream=${stream}&count=${deleted}`);
      await lwi.control(`quickbooks/add?stream=${stream}&count=3`);
    }
    await lwi.json(QUICKBOOKS);
    await expectExact(lwi);
  });

  test('rows that change, are deleted and added again and again in several bursts', { timeout: 90_000 }, async () => {
    const lwi = await books({ writer: { rate: 40, seed: SEED } });
    await lwi.json(QUICKBOOKS);
    for (let burst = 0; burst < 2; burst++) {
      await lwi.control('quickbooks/delete?stream=invoices&count=700');
      await lwi.control('quickbooks/touch?stream=invoices&count=700');
      await lwi.control('quickbooks/touch?stream=customers&count=1100');
      await lwi.json(QUICKBOOKS);
    }
    await lwi.control('writer?rate=0');
    await lwi.json(QUICKBOOKS);
    await expectExact(lwi);
  });
});
