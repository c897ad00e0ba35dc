import { expect, test } from 'vitest';
import { mycarrierpackets } from '../../src/providers/mycarrierpackets/provider.ts';
import type { LimitRule } from '../../src/providers/provider.ts';
import { quickbooks } from '../../src/providers/quickbooks/provider.ts';
import { slack } from '../../src/providers/slack/provider.ts';
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
