import { expect, test } from 'vitest';
import { inboxHealth } from '../../commands/shared/inbox-health.ts';
import { refusedDeliveries } from '../../commands/shared/refused-deliveries.ts';
import { LwiError } from '../../src/errors.ts';
import type { Terminal } from '../../src/terminal.ts';
import { virtualClock } from '../support/virtual-clock.ts';

const DAY_MS = 86_400_000;

test('a clock that is set back does not silence refusals until it has caught up', async () => {
  const clock = virtualClock();
  const lines: string[] = [];
  const warn = (line: string) => void lines.push(line);
  const refused = refusedDeliveries({ terminal: { json: false, warn } as Terminal, clock });
  for (const ms of [0, 59_999, -DAY_MS, 1]) {
    clock.jump(ms);
    refused('unverified', 'slack', { reason: 'stale-timestamp' });
  }
  const words = 'delivery slack: refused, it does not verify: stale-timestamp';
  expect(lines).toEqual([
    `2026-01-05T10:00:00Z ${words}`,
    `2026-01-04T10:00:59Z ${words} (1 more since the last line)`,
  ]);
});

test('a clock that is set back does not make trouble with the store last', async () => {
  const clock = virtualClock();
  const health = inboxHealth();
  const reasons = async () =>
    (await health.state({ inboxCounts: async () => [], acceptEvents: async () => [] }, clock.now())).reasons;
  health.trouble(new LwiError('STORE_FULL', 'It is held.'), clock.now());
  expect(await reasons()).toEqual(['store: STORE_FULL']);
  clock.jump(-DAY_MS);
  expect(await reasons()).toEqual([]);
});
