import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { openScenario } from '../support/scenario.ts';
import { queryStore } from '../support/store-file.ts';

test('SIGTERM ends a refresh that waits because the provider asked it to, and nothing is spent or noted', async () => {
  const lwi = await openScenario({ rotateAlways: true });
  await lwi.connected(['quickbooks']);
  await lwi.control('faults?fault=429:quickbooks/tokens');
  const running = lwi.start(['token', 'refresh', 'quickbooks', '--force']);
  await running.said(/Next try in/);
  const began = systemClock.now();
  running.child.kill('SIGTERM');
  expect(await running.ended).toMatchObject({ code: 143, stderr: expect.not.stringContaining('Waiting for') });
  expect(systemClock.now() - began).toBeLessThan(2000);
  expect(queryStore(lwi.home, 'SELECT generation AS n, state, rotation_owner AS note FROM oauth_tokens')).toEqual([
    { n: 1, state: 'active', note: null },
  ]);
  expect(queryStore(lwi.home, 'SELECT name FROM leases')).toEqual([]);
});
