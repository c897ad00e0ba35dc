import { BOUNDS, boundText } from '../../commands/help/bounds.ts';
import { CAUTIOUS } from '../../src/providers/generic/provider.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { BUILT_IN } from '../../src/providers/registry.ts';
import { formatSpan } from '../../src/span.ts';
import { code, generated, page, table } from './markdown.ts';

/** What lwi does not go beyond: the limits of the providers, and its own. */
export function limitsPage(): string {
  const groups = [...new Set(BOUNDS.map(({ group }) => group))];
  return page(
    generated('Limits', '`src/providers/registry.ts` and `commands/help/bounds.ts`'),
    '## Limits of the providers, as lwi keeps them',
    'One bucket for each connection and limit, in the database, so that all processes of a machine share it. `limits.<provider>.share` in the ' +
      'config gives lwi a part of it. `lwi limits` shows what is used; `lwi help limits` shows this page, with the providers of your own.',
    table(
      ['provider', 'limit', 'requests', 'at once', 'in flight'],
      [...BUILT_IN.flatMap(rows), ...rulesOf('one of your own that names no limits', [CAUTIOUS])],
    ),
    ...BUILT_IN.flatMap(({ title, monthlyQuota }) =>
      monthlyQuota
        ? [
            `${title} meters calls: its ${monthlyQuota.plan} plan includes ${monthlyQuota.calls.toLocaleString('en-US')} each month.`,
          ]
        : [],
    ),
    ...groups.flatMap((group) => [
      `## ${group}`,
      table(
        ['what', 'bound', 'changed by'],
        BOUNDS.filter((bound) => bound.group === group).map((bound) => [
          ...[bound.what, boundText(bound), bound.changedBy ?? ''],
        ]),
      ),
    ]),
    'What begins with `timeouts.` or `retry.` is a member of the config. `timeouts.providers.<provider>` holds for one provider.',
  );
}

function rows({ id, limits }: Provider): string[][] {
  return rulesOf(code(id), limits);
}

function rulesOf(provider: string, limits: Provider['limits']): string[][] {
  return limits.map(({ name, permits, perMs, burst, concurrency }) => [
    ...[provider, code(name), `${permits} in ${formatSpan(perMs)}`, String(burst), String(concurrency)],
  ]);
}
