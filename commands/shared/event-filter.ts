import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import { didYouMean } from '../../src/providers/nearest-name.ts';
import { EVENT_STANDINGS, type EventFilter, type EventStanding } from '../../src/store/inbox-reading.ts';
import { parseSince } from '../../src/sync/since.ts';

/** Options by which events of the inbox are chosen. */
export interface EventOptions {
  readonly provider?: string;
  readonly state?: readonly string[];
  readonly since?: string;
  /** Of whatever account, also where one is named by environment or config. */
  readonly allAccounts?: boolean;
}

/** The filter that options and the account of the command mean. Throws USAGE, PROVIDER_UNKNOWN. */
export async function eventFilter(
  context: Context,
  { provider, state, since, allAccounts }: EventOptions,
  named = provider,
): Promise<EventFilter> {
  if (named !== undefined) await context.provider(named);
  if (since === 'last')
    throw new LwiError('USAGE', '--since takes a date, an ISO time, or a span such as 7d here, not "last".');
  if (allAccounts && context.options.account !== undefined)
    throw new LwiError('USAGE', '-a and --all-accounts exclude each other.');
  return {
    account: allAccounts ? undefined : await context.namedAccount(),
    provider: named,
    standings: state?.map(standing),
    since: since === undefined ? undefined : parseSince(since, context.clock.now()),
  };
}

function standing(text: string): EventStanding {
  const known = EVENT_STANDINGS.find((each) => each === text);
  if (known) return known;
  throw new LwiError(
    'USAGE',
    `--state takes ${EVENT_STANDINGS.join(', ')}, not "${text}".${didYouMean(text, EVENT_STANDINGS)}`,
  );
}
