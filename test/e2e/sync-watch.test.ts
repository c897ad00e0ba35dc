import { expect, test } from 'vitest';
import { failureOf, openScenario } from '../support/scenario.ts';
import { queryStore, recordIds } from '../support/store-file.ts';

test('sync --watch polls at once and again on the interval, and Ctrl-C ends it with code 130', async () => {
  const lwi = await openScenario({ records: 3 });
  await lwi.connected(['quickbooks']);
  const words = ['sync', 'quickbooks', '--watch', '--interval', '10s', '--json', '--entity', 'invoices'];
  const watch = lwi.start(words);
  const [first] = await watch.said(/^\{"type":"poll".*\}$/m);
  expect(JSON.parse(first)).toMatchObject({ outcome: 'done', entities: [{ entity: 'invoices', upserted: 3 }] });
  await lwi.control('quickbooks/add?stream=invoices&count=1');
  await expect.poll(() => recordIds(lwi.home, 'invoices').length, { timeout: 15_000 }).toBe(4);
  watch.child.kill('SIGINT');
  expect(failureOf(await watch.ended)).toMatchObject({ exit: 130, error: { code: 'INTERRUPTED' } });
  expect(queryStore(lwi.home, 'SELECT DISTINCT kind FROM sync_runs')).toEqual([{ kind: 'poll' }]);
});

test.each([
  ['an interval that is too short', ['--watch', '--interval', '1s'], 'USAGE', 2],
  ['an interval alone', ['--interval', '1m'], 'USAGE', 2],
  ['a window of its own', ['--watch', '--since', '7d'], 'USAGE', 2],
  ['a recording', ['--watch', '--record', 'x.har'], 'USAGE', 2],
  ['an unknown entity', ['--watch', '--entity', 'invoice'], 'USAGE', 2],
  ['no connection', ['--watch'], 'NOT_CONNECTED', 3],
])('sync with %s is refused', async (_, words, code, exit) => {
  const lwi = await openScenario();
  const ran = await lwi.run(['sync', 'quickbooks', '--json', ...words]);
  expect(failureOf(ran)).toMatchObject({ exit, stdout: '', error: { code } });
});
