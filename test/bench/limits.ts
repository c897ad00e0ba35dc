import { mycarrierpackets } from '../../src/providers/mycarrierpackets/provider.ts';
import type { LimitRule } from '../../src/providers/provider.ts';
import { quickbooks } from '../../src/providers/quickbooks/provider.ts';
import { slack } from '../../src/providers/slack/provider.ts';
import { pressAgainst } from '../limits/limit-run.ts';
import { postgresPrograms, postgresServer } from '../support/postgres-server.ts';

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

/** Processes on one file of SQLite, then on one database of a PostgreSQL server, where there is one. */
const server = postgresPrograms() ? await postgresServer() : undefined;
const stores = [['sqlite', undefined], ...(server ? [['postgresql', server.url('postgres')] as const] : [])] as const;

process.stdout.write('\nlimit                 store       processes  let through  possible  used      refused\n');
try {
  for (const [name, rules] of CASES) {
    const ms = Math.max(8000, Math.max(...rules.map(({ perMs }) => perMs)) * 2.9 + 200);
    for (const [store, database] of stores) {
      for (const processes of [1, 4]) {
        // Buckets of its own for each run on the server.
        const own = rules.map((rule) => ({ ...rule, name: `${name} ${rule.name} ${processes}` }));
        const options = { processes, lanes: 2, ms, ...(database === undefined ? {} : { database }) };
        const { accepted, refused, possible } = await pressAgainst(own, options);
        const cells = [name.padEnd(22), store.padEnd(12), String(processes).padStart(9), String(accepted).padStart(13)];
        const used = `${((100 * accepted) / possible).toFixed(1)} %`;
        process.stdout.write(`${cells.join('')}${String(possible).padStart(10)}  ${used.padEnd(8)}  ${refused}\n`);
      }
    }
  }
} finally {
  await server?.remove();
}
