import { formatSpan } from '../span.ts';
import type { Provider } from './provider.ts';
import type { BundlePart } from './stream.ts';

/** One factor of the decision between webhooks and polling, and what this provider says to it. */
export interface DecisionRow {
  readonly factor: Factor;
  readonly favours: 'webhooks' | 'polling' | 'either';
  /** One sentence. */
  readonly why: string;
}

export const FACTORS = [
  'real-time requirement',
  'webhook reliability',
  'data volume',
  'API support',
  'network reliability',
  'ordering',
  'initial sync',
  'cost',
] as const;
export type Factor = (typeof FACTORS)[number];

/** How a provider is best kept in sync. */
export interface Decision {
  readonly advice: 'both' | 'polling' | 'webhooks';
  /** One sentence. */
  readonly because: string;
  /** All factors, in their order. */
  readonly matrix: readonly DecisionRow[];
}

/** The interval that costs are computed for, ms: the one of `lwi serve`. */
const INTERVAL_MS = 900_000;
const MONTH_MS = 30 * 86_400_000;
const DAY_MS = 86_400_000;

/** Some moment, ms since the epoch: the first requests of a window do not depend on which one. */
const NOW = Date.UTC(2026, 0, 5);

/** What is known of a provider, as the rows read it. */
interface Facts extends Pick<Provider, 'title' | 'streams' | 'webhook' | 'monthlyQuota'> {
  /** Streams without events; undefined: nobody knows. */
  readonly uncovered: readonly string[] | undefined;
  /** Requests of a poll that finds nothing. */
  readonly requests: number;
}

/** Weighs webhooks against polling by the facts that a provider gives, also one of the user's own. Pure. */
export function decide(provider: Provider): Decision {
  const covers = provider.webhook?.delivery?.covers;
  const uncovered = covers && provider.streams.map(({ name }) => name).filter((name) => !covers.includes(name));
  const facts: Facts = { ...provider, uncovered, requests: requestsOfPoll(provider) };
  const matrix = FACTORS.map((factor): DecisionRow => ({ factor, ...ROWS[factor](facts) }));
  return { ...verdict(facts), matrix };
}

/** One for each entity, but for those that the provider takes together. */
function requestsOfPoll({ streams, bundle }: Provider): number {
  const window = { since: NOW - INTERVAL_MS, now: NOW, externalId: '1' };
  let open = streams.map((stream): BundlePart => ({ request: stream.start(window).request }));
  let requests = 0;
  for (let bundled = bundle?.(open); bundled; bundled = bundle?.(open)) {
    const { parts } = bundled;
    open = open.filter((_, place) => !parts.includes(place));
    requests += 1;
  }
  return requests + open.length;
}

function verdict({ title, webhook, streams, uncovered }: Facts): Omit<Decision, 'matrix'> {
  if (!webhook) return { advice: 'polling', because: `${title} has no webhook that lwi knows.` };
  if (streams.length === 0) {
    return {
      advice: 'webhooks',
      because: `No entity of ${title} is defined that could be polled; deliveries can be received and verified.`,
    };
  }
  const gap =
    uncovered && uncovered.length > 0
      ? `there are no events for ${listed(uncovered)}`
      : 'events that are lost, and whatever was there before, only a poll brings';
  return { advice: 'both', because: `Webhooks tell at once, and a poll stands behind them: ${gap}.` };
}

type Row = Omit<DecisionRow, 'factor'>;

const NO_WEBHOOK: Row = { favours: 'polling', why: 'There is no webhook.' };

const ROWS: Readonly<Record<Factor, (facts: Facts) => Row>> = {
  'real-time requirement': ({ webhook, streams }) => {
    const slow = streams.filter(({ minIntervalMs }) => minIntervalMs > 0);
    const rule = slow
      .map(({ name, minIntervalMs }) => ` ${name} may be polled every ${formatSpan(minIntervalMs)} at most.`)
      .join('');
    if (!webhook)
      return { favours: 'polling', why: `A change is seen at the next poll, there is nothing faster.${rule}` };
    return {
      favours: 'webhooks',
      why: `An event comes when something happens, a poll as late as its interval.${rule}`,
    };
  },

  'webhook reliability': ({ webhook }) => {
    if (!webhook) return NO_WEBHOOK;
    const { retriesForMs } = webhook.delivery ?? {};
    if (retriesForMs === undefined)
      return { favours: 'polling', why: 'Whether a failed delivery is repeated is not known.' };
    if (retriesForMs === 'unlimited')
      return { favours: 'webhooks', why: 'A failed delivery is repeated until it is taken.' };
    const lost = `A failed delivery is repeated for ${formatSpan(retriesForMs)}; a longer outage here loses events.`;
    return { favours: retriesForMs < DAY_MS ? 'polling' : 'webhooks', why: lost };
  },

  'data volume': ({ webhook, streams, requests }) => {
    if (!webhook) return NO_WEBHOOK;
    const single = streams.filter(({ lookup }) => lookup).length;
    if (single === 0)
      return {
        favours: 'polling',
        why: 'Records cannot be fetched one by one: an event starts a poll, and many events are still one poll.',
      };
    return {
      favours: 'either',
      why: `An event costs a request for its record, a poll about ${requests} however many changed: webhooks for few changes, polls for many.`,
    };
  },

  'API support': ({ webhook, uncovered, streams }) => {
    if (!webhook) return NO_WEBHOOK;
    if (uncovered === undefined)
      return { favours: 'either', why: 'Which entities have events is chosen at the provider, or not known here.' };
    if (uncovered.length === 0)
      return { favours: 'webhooks', why: streams.length > 0 ? 'Every entity has events.' : 'There are events.' };
    return { favours: 'polling', why: `There are no events for ${listed(uncovered)}.` };
  },

  'network reliability': ({ webhook }) => {
    if (!webhook) return { favours: 'polling', why: 'A poll only needs the way out.' };
    const ms = webhook.delivery?.answerWithinMs;
    const within = ms === undefined ? '' : ` and answers within ${formatSpan(ms)}`;
    return {
      favours: 'polling',
      why: `Webhooks need an https address that is always up${within}; a poll only needs the way out, at any time.`,
    };
  },

  ordering: ({ webhook }) => {
    if (!webhook) return { favours: 'polling', why: 'Pages come in the order of change or as one list.' };
    if (webhook.delivery?.ordered) return { favours: 'either', why: 'Events come in their order.' };
    return {
      favours: 'polling',
      why: 'The order of events is not promised; lwi fetches the record as it is now and keeps the newest version, so that it does not matter to the mirror.',
    };
  },

  'initial sync': () => ({ favours: 'polling', why: 'What was there before the first event, only a poll brings.' }),

  cost: ({ webhook, streams, requests, monthlyQuota }) => {
    const polls = requests * Math.round(MONTH_MS / INTERVAL_MS);
    const often = `Polling ${streams.length} entities every ${formatSpan(INTERVAL_MS)} is at least ${polls} requests a month when nothing changes`;
    const quota = monthlyQuota ? `, of ${monthlyQuota.calls} that the ${monthlyQuota.plan} plan includes` : '';
    if (!webhook) return { favours: 'polling', why: `${often}${quota}; it is the only way.` };
    return {
      favours: 'webhooks',
      why: `${often}${quota}; events cost a request only where something did, so the poll behind them can be rarer.`,
    };
  },
};

function listed(names: readonly string[]): string {
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
}
