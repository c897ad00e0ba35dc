import { expect, test } from 'vitest';
import { openScenario } from '../support/scenario.ts';
import { spending } from '../support/spending.ts';
import { queryStore } from '../support/store-file.ts';

const REFRESH = ['token', 'refresh', 'quickbooks', '--force'];

const KEPT = [{ n: 2, state: 'active', note: null }];
const kept = (home: string) =>
  queryStore(home, 'SELECT generation AS n, state, rotation_owner AS note FROM oauth_tokens');

test('a terminal that is closed in mid-refresh stops lwi after the token is stored', async () => {
  const lwi = await openScenario({ rotateAlways: true });
  await lwi.connect(['quickbooks']);
  await lwi.control('faults?fault=latency=1500:quickbooks/tokens');
  const running = lwi.start(REFRESH);
  await spending(lwi);
  running.child.kill('SIGHUP');
  expect(await running.ended).toMatchObject({ code: 143, stderr: expect.stringContaining('Stopped by SIGHUP') });
  expect(kept(lwi.home)).toEqual(KEPT);
});
