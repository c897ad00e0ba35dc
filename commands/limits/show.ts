import { connectionName } from '../../src/connection.ts';
import type { Context } from '../../src/context.ts';
import type { LimitRule, Provider } from '../../src/providers/provider.ts';
import { ruleName } from '../../src/providers/rule-name.ts';
import { formatSpan } from '../../src/span.ts';
import type { LimitState } from '../../src/store/permits.ts';
import type { ConnectionRow, Store } from '../../src/store/store.ts';
import { type CircuitFact, circuitFacts } from '../shared/circuit-facts.ts';
import { iso, when } from '../shared/when.ts';

interface Options {
  readonly reset?: boolean;
}

/** One connection with its limits, used or not, and the circuits of its provider. */
interface Entry {
  readonly provider: string;
  readonly account: string;
  readonly env: string;
  readonly limits: readonly Omit<LimitState, 'scope'>[];
  readonly circuits: readonly CircuitFact[];
}

/** Without network and keychain, like `status`. */
export async function limitsCommand(context: Context, options: Options, id?: string): Promise<undefined> {
  const { terminal } = context;
  const rows = id ? [await context.connection(id)] : await context.existingConnections();
  const store = rows.length > 0 ? await context.store() : undefined;
  if (store && options.reset) await reset(context, store, rows);
  const entries = store ? await Promise.all(rows.map((row) => entryOf(context, store, row))) : [];
  if (terminal.json) return void terminal.document(entries.map(documentOf));
  if (entries.length === 0) {
    return void terminal.info('Nothing is connected yet. Run `lwi connect <provider>`.');
  }
  await show(context, entries);
}

async function entryOf(context: Context, store: Store, row: ConnectionRow): Promise<Entry> {
  const provider = await context.provider(row.provider);
  const used = await store.limitStates([connectionName(row)]);
  const { shareOf } = await import('../../src/http/limit-share.ts');
  const { limitShare } = await import('../../src/client-settings.ts');
  const share = limitShare(await context.config(), provider.id);
  const rules = unusedRules(provider, used).map((rule) => shareOf(rule, share));
  const unused = rules.map(
    (rule): Omit<LimitState, 'scope'> => ({
      ...{ ...rule, used: 0, free: rule.permits },
      ...{ nextInMs: 0, inFlight: 0, waiting: 0, holdMs: 0 },
    }),
  );
  return {
    ...{ provider: row.provider, account: row.account, env: row.env },
    limits: [...used.map(({ scope: _scope, ...state }) => state), ...unused],
    circuits: await circuitFacts(store, row.provider, context.clock.now()),
  };
}

/** Rules that no request has counted against yet. */
function unusedRules(provider: Provider, used: readonly LimitState[]): readonly LimitRule[] {
  const names = new Set(used.map(({ name }) => ruleName(name)));
  return provider.limits.filter(({ name }) => !names.has(name));
}

/** Closes what is open and lifts what is held; whatever was sent still counts. */
async function reset(context: Context, store: Store, rows: readonly ConnectionRow[]): Promise<void> {
  const { CLOSED } = await import('../../src/http/circuit-breaker.ts');
  for (const row of rows) {
    let closed = 0;
    for (const { scope, state, failures, version } of await store.circuits(`${row.provider}/`)) {
      if ((state !== 'closed' || failures > 0) && (await store.saveCircuit(scope, CLOSED, version))) closed += 1;
    }
    const lifted = await store.liftHolds(connectionName(row));
    const done = `${closed === 1 ? '1 circuit' : `${closed} circuits`} closed, ${lifted === 1 ? '1 hold' : `${lifted} holds`} lifted`;
    context.terminal.info(`${row.account}/${row.provider}: ${done}`);
  }
}

function documentOf({ limits, circuits, ...whose }: Entry) {
  return {
    ...whose,
    limits: limits.map(({ said, ...state }) => ({
      ...state,
      ...(said === undefined
        ? {}
        : {
            said: {
              ...{ at: iso(said.at), limit: said.limit, remaining: said.remaining },
              resetAt: said.resetMs === undefined ? undefined : iso(said.at + said.resetMs),
            },
          }),
    })),
    circuits,
  };
}

async function show({ terminal, clock }: Context, entries: readonly Entry[]): Promise<void> {
  const { renderTable } = await import('../../src/table.ts');
  const { style } = terminal;
  const now = clock.now();
  const rows = entries.flatMap(({ limits, ...whose }) => limits.map((limit) => ({ ...whose, limit })));
  type Row = (typeof rows)[number];
  const right = { align: 'right' as const };
  const some = (count: number) => (count > 0 ? String(count) : '');
  const columns = [
    { heading: 'provider', cell: ({ provider }: Row) => provider },
    { heading: 'account', cell: ({ account }: Row) => account },
    { heading: 'limit', cell: ({ limit }: Row) => limit.name, least: 16 },
    { heading: 'allows', cell: ({ limit }: Row) => `${limit.permits} in ${formatSpan(limit.perMs)}`, ...right },
    { heading: 'used', cell: ({ limit }: Row) => String(limit.used), ...right },
    {
      heading: 'free',
      cell: ({ limit }: Row) => (limit.free > 0 ? style.good : style.warn)(String(limit.free)),
      ...right,
    },
    {
      heading: 'next',
      cell: ({ limit }: Row) => (limit.nextInMs > 0 ? `in ${formatSpan(limit.nextInMs)}` : ''),
      ...right,
    },
    { heading: 'in flight', cell: ({ limit }: Row) => some(limit.inFlight), ...right, spare: 1 },
    { heading: 'waiting', cell: ({ limit }: Row) => some(limit.waiting), ...right },
    {
      heading: 'held',
      cell: ({ limit }: Row) => (limit.holdMs > 0 ? style.bad(formatSpan(limit.holdMs)) : ''),
      ...right,
    },
    { heading: 'provider says', cell: ({ limit }: Row) => saidText(limit, now), spare: 2 },
  ];
  terminal.out(...renderTable(columns, rows, terminal.tableWidth));
  const told = new Set<string>();
  for (const { provider, circuits } of entries) {
    for (const { scope, state, failures, nextTryInMs } of circuits) {
      if (state === 'closed' || told.has(scope)) continue;
      told.add(scope);
      const next = nextTryInMs > 0 ? `next try in ${formatSpan(nextTryInMs)}` : 'the next request tries';
      const text = `circuit ${scope}: ${state} after ${failures} failures, ${next}; lwi limits ${provider} --reset closes it`;
      terminal.out(style.bad(text));
    }
  }
}

function saidText({ said }: Pick<LimitState, 'said'>, now: number): string {
  if (said === undefined) return '';
  const of = said.limit === undefined ? '' : ` of ${said.limit}`;
  const left = said.remaining === undefined ? `limit ${said.limit}` : `${said.remaining}${of} left`;
  return `${left}, ${when(said.at, now)}`;
}
