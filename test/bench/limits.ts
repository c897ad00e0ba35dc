import { mycarrierpackets } from '../../src/providers/mycarrierpackets/provider.ts';
import type { LimitRule } from '../../src/providers/provider.ts';
import { quickbooks } from '../../src/providers/quickbooks/provider.ts';
import { slack } from '../../src/providers/slack/provider.ts';
import { pressAgainst } from '../limits/limit-run.ts';

/** How much of each provider's limits is used against a server that enforces them exactly, with times divided by `scale`; goal: 97 %, nothing refused. */
const scaled = (rules: readonly LimitRule[], names: readonly string[], scale: number) =>
  rules.filter(({ name }) => names.includes(name)).map((rule) => ({ ...rule, perMs: rule.perMs / scale }));

const CASES: readonly (readonly [name: string, rules: readonly LimitRule[]])[] = [
  ['quickbooks', scaled(quickbooks.limits, ['minute', 'second'], 10)],
  ['quickbooks batch', scaled(quickbooks.limits, ['batch'], 30)],
  ['slack tier2', scaled(slack.limits, ['tier2'], 20)],
  ['slack tier3', scaled(slack.limits, ['tier3'], 20)],
  ['slack tier4', scaled(slack.limits, ['tier4'], 20)],
  ['slack special', scaled(slack.limits, ['special'], 20)],
  ['mycarrierpackets', scaled(mycarrierpackets.limits, ['default'], 4)],
];

process.stdout.write('\nlimit                 processes  let through  possible  used      refused\n');
for (const [name, rules] of CASES) {
  const ms = Math.max(...rules.map(({ perMs }) => perMs)) * 2.9 + 200;
  for (const processes of [1, 4]) {
    const { accepted, refused, possible } = await pressAgainst(rules, {
      processes,
      lanes: 2,
      ms: Math.max(ms, 8000),
    });
    const cells = [name.padEnd(20), String(processes).padStart(11), String(accepted).padStart(13)];
    const used = `${((100 * accepted) / possible).toFixed(1)} %`;
    process.stdout.write(`${cells.join('')}${String(possible).padStart(10)}  ${used.padEnd(8)}  ${refused}\n`);
  }
}
