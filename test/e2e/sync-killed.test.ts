import { expect, test } from 'vitest';
import { systemRandom } from '../../src/clock.ts';
import { failureOf, openScenario } from '../support/scenario.ts';
import { integrity, queryStore, recordIds } from '../support/store-file.ts';

const RECORDS = 20_000;
const PAGES = 20;
const WORDS = ['sync', 'quickbooks', '--entity', 'invoices', '--json'];

const stored = (home: string) => Number(queryStore<{ n: number }>(home, 'SELECT count(*) AS n FROM records')[0]?.n);

/** Moments that differ from run to run, each some pages further. */
const MOMENTS = [0, 2, 5, 9].map((pages) => (pages + systemRandom()) * 1000);

test('a run that is killed at any moment goes on where it stopped, and in the end every row is there', {
  timeout: 60_000,
}, async () => {
  const lwi = await openScenario({ records: RECORDS });
  await lwi.connected(['quickbooks']);
  for (const rows of MOMENTS) {
    const running = lwi.start(WORDS);
    await expect
      .poll(() => stored(lwi.home), { interval: 5, timeout: 20_000 })
      .toBeGreaterThanOrEqual(Math.floor(rows));
    running.child.kill('SIGKILL');
    expect((await running.ended).code).toBe(null);
    expect(integrity(lwi.home)).toBe('ok');
  }
  expect(stored(lwi.home)).toBeLessThan(RECORDS);
  expect(await lwi.json(WORDS.slice(0, -1))).toMatchObject({
    entities: [{ entity: 'invoices', cursor: expect.any(String) }],
  });
  const all = Array.from({ length: RECORDS }, (_, index) => String(index + 1)).sort();
  expect(recordIds(lwi.home, 'invoices')).toEqual(all);
  // At most the page under way is read again after each kill.
  const pages = (await lwi.requests())['GET /quickbooks/v3/company/9130000000000001/query'] ?? 0;
  expect(pages).toBeLessThanOrEqual(PAGES + 2 + 2 * MOMENTS.length);
});

test('Ctrl-C keeps what was committed, ends with code 130, and the next run goes on', { timeout: 60_000 }, async () => {
  const lwi = await openScenario({ records: 5000 });
  await lwi.connected(['quickbooks']);
  await lwi.control('faults?fault=latency=300:quickbooks/query');
  const running = lwi.start(WORDS);
  await expect.poll(() => stored(lwi.home), { interval: 10, timeout: 20_000 }).toBeGreaterThan(0);
  running.child.kill('SIGINT');
  expect(failureOf(await running.ended)).toMatchObject({ exit: 130, stdout: '', error: { code: 'INTERRUPTED' } });
  expect(stored(lwi.home)).toBeLessThan(5000);
  await lwi.control('faults');
  await lwi.json(WORDS.slice(0, -1));
  expect(stored(lwi.home)).toBe(5000);
});
