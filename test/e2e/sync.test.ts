import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { failureOf, inThisProcess, openScenario, type Scenario } from '../support/scenario.ts';
import { queryStore, recordIds, syncHolders } from '../support/store-file.ts';

const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

const ids = (count: number) => Array.from({ length: count }, (_, index) => String(index + 1)).sort();

const sync = (lwi: Scenario, entities: readonly string[], ...words: string[]) =>
  lwi.json(['sync', 'quickbooks', ...words, '--entity', ...entities]);

describe('sync', () => {
  test('gives the counts of the contract for each entity, and stores every row', async () => {
    const lwi = await openScenario({ records: 40 });
    await lwi.connected(['quickbooks']);
    const entity = (name: string, upserted: number) => ({
      ...{ entity: name, upserted, unchanged: 0, deleted: 0, pages: 1, requests: 1, retries: 0, cursor: ISO },
      ...{ throttledMs: expect.any(Number), rejected: 0, coverage: expect.any(Array) },
    });
    expect(await sync(lwi, ['invoices', 'customers'])).toEqual({
      provider: 'quickbooks',
      account: 'default',
      entities: [entity('invoices', 40), entity('customers', 40)],
      startedAt: ISO,
      finishedAt: ISO,
    });
    expect(recordIds(lwi.home, 'invoices')).toEqual(ids(40));
    expect(await lwi.json(['status'])).toMatchObject([{ records: 80, lastSyncOutcome: 'done' }]);
  });

  test('the second run takes only what changed, and keeps deletions as tombstones', async () => {
    const lwi = inThisProcess(await openScenario({ records: 40 }));
    await lwi.connected(['quickbooks']);
    await sync(lwi, ['invoices']);
    await lwi.control('quickbooks/touch?stream=invoices&id=7&id=8&id=9');
    await lwi.control('quickbooks/delete?stream=invoices&id=11');
    await lwi.control('quickbooks/add?stream=invoices&count=2');
    expect(await sync(lwi, ['invoices'])).toMatchObject({ entities: [{ upserted: 5, deleted: 1 }] });
    expect(recordIds(lwi.home, 'invoices')).toEqual(ids(42).filter((id) => id !== '11'));
    expect(queryStore(lwi.home, "SELECT deleted FROM records WHERE id = '11'")).toEqual([{ deleted: 1 }]);
    expect(await sync(lwi, ['invoices'])).toMatchObject({ entities: [{ upserted: 0, deleted: 0 }] });
  });

  test('--since reads again from there, and says what a long window cannot see', async () => {
    const lwi = inThisProcess(await openScenario({ records: 40 }));
    await lwi.connected(['quickbooks']);
    const long = await sync(lwi, ['invoices'], '--since', '60d');
    expect(long).toMatchObject({ entities: [{ upserted: 6, coverage: [expect.stringContaining('30 days')] }] });
    const short = await sync(lwi, ['invoices'], '--since', '20d');
    expect(short).toMatchObject({ entities: [{ upserted: 0, unchanged: 2, coverage: [] }] });
    const day = new Date(systemClock.now() - 20 * 86_400_000).toISOString().slice(0, 10);
    expect(await sync(lwi, ['invoices'], '--since', day)).toMatchObject({ entities: [{ unchanged: 3 }] });
  });

  test('without a provider, everything that is connected is pulled', async () => {
    const lwi = inThisProcess(await openScenario({ records: 4 }));
    await lwi.connected(['slack']);
    await lwi.connected(['mycarrierpackets']);
    const reports = (await lwi.json(['sync'])) as { provider: string; entities: { error?: unknown }[] }[];
    expect(reports.map(({ provider }) => provider)).toEqual(['mycarrierpackets', 'slack']);
    expect(reports.flatMap(({ entities }) => entities.flatMap(({ error }) => error ?? []))).toEqual([]);
  });

  test.each([
    ['an unknown entity', ['--entity', 'invoice'], /no entity "invoice": invoices, /],
    ['a time that is none', ['--since', 'yesterday'], /--since takes/],
    ['a time in the future', ['--since', '2099-01-01'], /future/],
  ])('%s is code 2', async (_, words, message) => {
    const lwi = inThisProcess(await openScenario());
    await lwi.connected(['quickbooks']);
    const { exit, stdout, error } = failureOf(await lwi.run(['sync', 'quickbooks', ...words, '--json']));
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(error['message']).toMatch(message);
  });

  test('without a connection is code 3', async () => {
    const lwi = inThisProcess(await openScenario());
    expect(failureOf(await lwi.run(['sync', '--json']))).toMatchObject({ exit: 3, error: { code: 'NOT_CONNECTED' } });
  });

  test('an entity that fails leaves the others alone and keeps its old cursor', async () => {
    const lwi = inThisProcess(await openScenario({ records: 5 }));
    await lwi.connected(['quickbooks']);
    await sync(lwi, ['customers']);
    const cursor = () => queryStore(lwi.home, "SELECT watermark, resume FROM sync_cursors WHERE entity = 'customers'");
    const before = cursor();
    await lwi.control('faults?fault=403:quickbooks/cdc');
    const words = ['sync', 'quickbooks', '--entity', 'invoices', 'customers', 'vendors', '--json'];
    const { exit, stdout, error } = failureOf(await lwi.run(words));
    expect({ exit, code: error['code'] }).toEqual({ exit: 4, code: 'FORBIDDEN' });
    expect(JSON.parse(stdout)).toMatchObject({
      entities: [
        { entity: 'invoices', upserted: 5, cursor: ISO },
        { entity: 'customers', upserted: 0, error: { code: 'FORBIDDEN' } },
        { entity: 'vendors', upserted: 5, cursor: ISO },
      ],
    });
    expect(cursor()).toEqual(before);
    expect(await lwi.json(['status'])).toMatchObject([{ lastSyncOutcome: 'failed' }]);
  });

  test('of two runs at once the second hears who is at it, with code 5; a killed one does not stand in the way', async () => {
    const lwi = inThisProcess(await openScenario({ records: 2500 }));
    await lwi.connected(['quickbooks']);
    await lwi.control('faults?fault=hang:quickbooks/query');
    const first = lwi.start(['sync', 'quickbooks', '--entity', 'invoices']);
    await expect.poll(() => syncHolders(lwi.home), { timeout: 20_000 }).toBe(1);
    const second = failureOf(await lwi.run(['sync', 'quickbooks', '--json']));
    expect({ exit: second.exit, ...second.error }).toMatchObject({ exit: 5, code: 'LEASE_BUSY', retryable: true });
    expect(second.error['message']).toContain(`${first.child.pid}@`);
    await lwi.control('faults');
    first.child.kill('SIGKILL');
    await first.ended;
    await sync(lwi, ['invoices']);
    expect(recordIds(lwi.home, 'invoices')).toEqual(ids(2500));
  });

  test('a token that the provider refuses on the way is refreshed and the run goes on', async () => {
    const lwi = inThisProcess(await openScenario({ records: 5 }));
    await lwi.connected(['quickbooks']);
    await lwi.control('expire?provider=quickbooks');
    expect(await sync(lwi, ['invoices'])).toMatchObject({ entities: [{ upserted: 5 }] });
    expect(await lwi.json(['token', 'inspect', 'quickbooks'])).toMatchObject({ refreshCount: 1 });
  });
});
