import { expect, test } from 'vitest';
import { mycarrierpackets } from '../../src/providers/mycarrierpackets/provider.ts';
import type { LimitRule } from '../../src/providers/provider.ts';
import { quickbooks } from '../../src/providers/quickbooks/provider.ts';
import { slack } from '../../src/providers/slack/provider.ts';
import { freshDatabase, POSTGRES } from '../support/postgres.ts';
import { NO_POSTGRES } from '../support/postgres-server.ts';
import { pressAgainst } from './limit-run.ts';

/** The rules of a provider with these names, in a time that runs `scale` times as fast. */
function scaled(rules: readonly LimitRule[], names: readonly string[], scale: number): LimitRule[] {
  return rules.filter(({ name }) => names.includes(name)).map((rule) => ({ ...rule, perMs: rule.perMs / scale }));
}

const CASES: readonly (readonly [string, readonly LimitRule[]])[] = [
  ['QuickBooks', scaled(quickbooks.limits, ['minute', 'second'], 20)],
  ['batches of QuickBooks', scaled(quickbooks.limits, ['minute', 'second', 'batch'], 40)],
  ['tier 2 of Slack', scaled(slack.limits, ['tier2'], 40)],
  ['MyCarrierPackets', scaled(mycarrierpackets.limits, ['default'], 5)],
];

// How much of a limit is used depends on the machine's load: `npm run bench` measures that.
for (const processes of [1, 4]) {
  test.each(CASES)(
    `${processes} processes that press against %s are never refused, and go on to the end`,
    async (_name, rules) => {
      const ms = Math.max(...rules.map(({ perMs }) => perMs)) * 1.5 + 500;
      const { accepted, refused, possible } = await pressAgainst(rules, { processes, lanes: 2, ms });
      expect(refused).toBe(0);
      expect(accepted).toBeLessThanOrEqual(possible);
      expect(accepted).toBeGreaterThan(possible / 4);
    },
  );
}

test('4 processes on one PostgreSQL database use 95 % of tier 2 of Slack, and are never refused', async ({ skip }) => {
  if (POSTGRES === undefined) skip(NO_POSTGRES);
  const { url } = await freshDatabase();
  const rules = scaled(slack.limits, ['tier2'], 40);
  const press = async (run: number) => {
    // Another rule, so that the second run does not begin in the windows of the first one.
    const named = rules.map((rule) => ({ ...rule, name: `run ${run}` }));
    const { accepted, refused, possible } = await pressAgainst(named, {
      processes: 4,
      lanes: 2,
      ms: 2750,
      database: url,
    });
    expect(refused).toBe(0);
    expect(accepted).toBeLessThanOrEqual(possible);
    return accepted / possible;
  };
  // A machine that was busy has a second chance; a refusal has none.
  const used = await press(1);
  expect(used >= 0.95 ? used : await press(2)).toBeGreaterThanOrEqual(0.95);
}, 60_000);
