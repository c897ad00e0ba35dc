import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import type { RateReading } from '../../src/http/rate-headers.ts';
import type { RatePolicy } from '../../src/http/rate-policy.ts';
import { formatSpan } from '../../src/span.ts';
import type { Define } from '../shared/define.ts';
import { parseInstant } from '../shared/instant.ts';
import { iso } from '../shared/when.ts';

interface Options {
  readonly header: readonly string[];
  readonly input?: string;
  readonly at?: string;
}

export const define: Define = (parent, run) => {
  parent
    .command('explain')
    .description("how lwi reads an answer's rate-limit headers")
    .option(
      '-H, --header <header>',
      'header "Name: value"; repeatable',
      (line, before: string[]) => [...before, line],
      [],
    )
    .option(
      '--input <file>',
      'head of an answer from a file, or - for stdin: a header a line, as curl -i and lwi api -i show it',
    )
    .option('--at <time>', 'read them as of this ISO time instead of now')
    .action(run(explain));
};

async function explain(context: Context, options: Options): Promise<undefined> {
  const { terminal, clock } = context;
  const now = options.at === undefined ? clock.now() : parseInstant(options.at, '--at');
  const headers = await headersOf(context, options);
  const { readRateHeaders } = await import('../../src/http/rate-headers.ts');
  const reading = readRateHeaders(headers, now) ?? { policies: [], ignored: [] };
  if (terminal.json) return void terminal.document(documentOf(reading, now));
  await show(context, reading, now);
}

/** All headers by their names in lower case; values of a name that came several times are joined by `, ` (RFC 9110, 5.3). */
async function headersOf(context: Context, { header, input }: Options): Promise<Record<string, string>> {
  const { headerLine } = await import('../shared/header-lines.ts');
  const pairs = header.map(headerLine);
  if (input !== undefined) {
    const { readInput } = await import('../shared/read-input.ts');
    const { responseHead } = await import('../shared/response-head.ts');
    pairs.push(...responseHead(new TextDecoder().decode(await readInput(context, input)), input));
  }
  if (pairs.length === 0) throw new LwiError('USAGE', 'There is no header to read: give -H "Name: value" or --input.');
  const headers = new Map<string, string>();
  for (const [name, value] of pairs) {
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return Object.fromEntries(headers);
}

/** The reading as the command contract has it: every member is there, null where nothing is known. */
function documentOf({ limit, remaining, resetMs, retryAfterMs, policies, ignored }: RateReading, now: number) {
  return {
    ...{ limit: limit ?? null, remaining: remaining ?? null },
    resetAt: (resetMs === undefined ? undefined : iso(now + resetMs)) ?? null,
    retryAfterMs: retryAfterMs ?? null,
    policies: policies.map((policy) => ({
      ...{ name: policy.name, quota: policy.quota ?? null, windowMs: policy.windowMs ?? null },
      ...{ remaining: policy.remaining ?? null, resetMs: policy.resetMs ?? null },
    })),
    ignored,
  };
}

async function show({ terminal }: Context, reading: RateReading, now: number): Promise<void> {
  const { policies, ignored, limit, remaining, resetMs, retryAfterMs } = reading;
  const { renderPairs, renderTable } = await import('../../src/table.ts');
  if (policies.length + ignored.length === 0 && retryAfterMs === undefined) {
    return terminal.out('no header speaks of limits');
  }
  const span = (ms: number | undefined) => (ms === undefined ? '' : formatSpan(ms));
  const number = (value: number | undefined) => (value === undefined ? '' : String(value));
  const reset = resetMs === undefined ? '' : `in ${formatSpan(resetMs)}, at ${iso(now + resetMs)}`;
  const lines = renderPairs([
    ['limit', number(limit)],
    ['remaining', number(remaining)],
    ['renewed', reset],
    ['retry after', span(retryAfterMs)],
  ]);
  const columns = [
    { heading: 'policy', cell: ({ name }: RatePolicy) => name },
    { heading: 'quota', cell: ({ quota }: RatePolicy) => number(quota), align: 'right' as const },
    { heading: 'window', cell: ({ windowMs }: RatePolicy) => span(windowMs), align: 'right' as const },
    { heading: 'remaining', cell: (policy: RatePolicy) => number(policy.remaining), align: 'right' as const },
    { heading: 'renewed in', cell: (policy: RatePolicy) => span(policy.resetMs), align: 'right' as const },
  ];
  const table = policies.length === 0 ? [] : renderTable(columns, policies, terminal.tableWidth);
  const said = ignored.map(({ header, why }) => `ignored: ${header}: ${why}`);
  const blocks = [lines, table, said].filter((block) => block.length > 0);
  terminal.out(...blocks.flatMap((block, at) => (at === 0 ? block : ['', ...block])));
}
