import { expect, test } from 'vitest';
import { callMs, limitShare, retryChange } from '../src/client-settings.ts';
import type { Config } from '../src/config.ts';

const config: Config = {
  timeouts: { callMs: 60_000, providers: { slack: { callMs: 5000 } } },
  retry: { attempts: 3, baseDelayMs: 1 },
  limits: { quickbooks: { share: 0.25 }, slack: {} },
};

test('the time of a call is that of the provider before that for all before five minutes', () => {
  expect([callMs(config, 'slack'), callMs(config, 'quickbooks'), callMs({}, 'slack')]).toEqual([5000, 60_000, 300_000]);
});

test('retries change only where the config says so', () => {
  expect(retryChange(config, 'slack')).toEqual({ attempts: 3, baseDelayMs: 1, deadlineMs: 5000 });
  expect(retryChange({}, 'slack')).toEqual({ deadlineMs: 300_000 });
});

test('the share of a limit is all of it unless the config says less', () => {
  const ids = ['quickbooks', 'slack', 'acme', 'constructor'];
  expect(ids.map((id) => limitShare(config, id))).toEqual([0.25, 1, 1, 1]);
});
