import { formatBytes } from '../../src/byte-size.ts';
import { CONFIG_LIMIT } from '../../src/config.ts';
import { DEFAULT_CIRCUIT } from '../../src/http/circuit-breaker.ts';
import { DEFAULT_RETRY, RETRY_BUDGET } from '../../src/http/retry.ts';
import { DEFAULT_TIMEOUTS } from '../../src/http/timeouts.ts';
import { LARGEST_BODY, OAUTH_ATTEMPT_MS } from '../../src/http/transport.ts';
import { LEASE_TTL_MS, LONGEST_WAIT_MS } from '../../src/oauth/refresh-lease.ts';
import { REFRESH_AT } from '../../src/oauth/token-set.ts';
import { LARGEST_REPLAYED } from '../../src/recording/har-reader.ts';
import { formatSpan } from '../../src/span.ts';
import { KEYCHAIN_DEADLINE_MS } from '../../src/vault/keychain-key.ts';
import { CAPTURE_LIMIT } from '../../src/webhooks/capture.ts';
import { RETRY_FOR_MS } from '../../src/webhooks/forward-schedule.ts';
import { MOST_CONNECTIONS } from '../../src/webhooks/most-connections.ts';
import { RECEIVER_BOUNDS } from '../../src/webhooks/receiver.ts';
import { LEAST_INTERVAL_MS } from '../shared/connection-watch.ts';
import { FORWARD_DEFAULTS, MOST_FORWARDS_AT_ONCE } from '../shared/forwarding.ts';
import { LARGEST_INPUT } from '../shared/read-input.ts';
import { LARGEST_SECRET } from '../shared/read-secret.ts';
import { DEFAULT_MAX_BODY } from '../shared/run-receiver.ts';
import { LONGEST_SEND_MS } from '../shared/send-timeout.ts';

/** Something that lwi does not go beyond. */
export interface Bound {
  readonly group: string;
  /** What is bounded. */
  readonly what: string;
  readonly value: number;
  readonly unit: 'ms' | 'bytes' | 'count' | 'share';
  /** The option, or the member of the config, that changes it; absent: it is fixed. */
  readonly changedBy?: string;
}

const group =
  (name: string) =>
  (what: string, value: number, unit: Bound['unit'], changedBy?: string): Bound => ({
    ...{ group: name, what, value, unit },
    ...(changedBy === undefined ? {} : { changedBy }),
  });

const requests = group('Requests');
const repeats = group('Repeats');
const circuit = group('Circuit');
const tokens = group('Tokens and keys');
const receiving = group('Receiving webhooks');
const sending = group('Sending webhooks');
const input = group('Input');

/** Every bound, in the order of the reference; all values are those that the code works with. */
export const BOUNDS: readonly Bound[] = [
  requests('until a connection is there', DEFAULT_TIMEOUTS.connectMs, 'ms', '`timeouts.connectMs`'),
  requests('until the first line of an answer', DEFAULT_TIMEOUTS.headersMs, 'ms', '`timeouts.headersMs`'),
  requests('between two pieces of a body', DEFAULT_TIMEOUTS.bodyMs, 'ms', '`timeouts.bodyMs`'),
  requests('one attempt', DEFAULT_TIMEOUTS.attemptMs, 'ms', '`timeouts.attemptMs`'),
  requests('one attempt at an OAuth endpoint', OAUTH_ATTEMPT_MS, 'ms'),
  requests('a call with all its attempts and waits', DEFAULT_TIMEOUTS.callMs, 'ms', '`timeouts.callMs`'),
  requests('largest answer', LARGEST_BODY, 'bytes'),

  repeats('attempts of a call, the first one included', DEFAULT_RETRY.attempts, 'count', '`retry.attempts`'),
  repeats('first wait, doubled each time', DEFAULT_RETRY.baseDelayMs, 'ms', '`retry.baseDelayMs`'),
  repeats('longest computed wait', DEFAULT_RETRY.maxDelayMs, 'ms', '`retry.maxDelayMs`'),
  repeats('repeats that a run may make unearned', RETRY_BUDGET.reserve, 'count'),
  repeats('part of a repeat that each call earns', RETRY_BUDGET.earned, 'share'),

  circuit('failures before it may open', DEFAULT_CIRCUIT.leastFailures, 'count'),
  circuit('share of calls that must have failed', DEFAULT_CIRCUIT.failureRate, 'share'),
  circuit('window in which they are counted', DEFAULT_CIRCUIT.windowMs, 'ms'),
  circuit('until a probe may go', DEFAULT_CIRCUIT.resetAfterMs, 'ms', '`lwi limits --reset`'),

  tokens('share of its lifetime after which a token is refreshed', REFRESH_AT, 'share'),
  tokens('wait for another process that refreshes', LONGEST_WAIT_MS, 'ms'),
  tokens('silence after which that process counts as dead', LEASE_TTL_MS, 'ms'),
  tokens('a call of the keychain', KEYCHAIN_DEADLINE_MS, 'ms'),

  receiving('largest body', DEFAULT_MAX_BODY, 'bytes', '`--max-body`'),
  receiving('bodies under way, together', RECEIVER_BOUNDS.room, 'bytes'),
  receiving('headers of a request', RECEIVER_BOUNDS.headers, 'bytes'),
  receiving('until headers are there; a request twice as long', RECEIVER_BOUNDS.patienceMs, 'ms'),
  receiving('until a delivery is answered', RECEIVER_BOUNDS.answerMs, 'ms'),
  receiving('connections, and at most half of the files that may be open', MOST_CONNECTIONS, 'count'),

  sending('one attempt', FORWARD_DEFAULTS.timeoutMs, 'ms', '`--timeout`'),
  sending('longest `--timeout`', LONGEST_SEND_MS, 'ms'),
  sending('requests to a target at once', FORWARD_DEFAULTS.concurrency, 'count', '`--concurrency`'),
  sending('most `--concurrency`', MOST_FORWARDS_AT_ONCE, 'count'),
  sending('an event is tried again for', RETRY_FOR_MS, 'ms', '`--retry-for`'),

  input('a file or stdin (`--input`, `--body`, `--file`)', LARGEST_INPUT, 'bytes'),
  input('a captured webhook', CAPTURE_LIMIT, 'bytes'),
  input('a recording for `--replay`', LARGEST_REPLAYED, 'bytes'),
  input('the config', CONFIG_LIMIT, 'bytes'),
  input('a secret on stdin', LARGEST_SECRET, 'bytes'),
  input('shortest `--interval` between two polls', LEAST_INTERVAL_MS, 'ms'),
];

/** The value with its unit, as people read it: `2m 30s`, `64 MiB`, `80 %`. */
export function boundText({ value, unit }: Pick<Bound, 'value' | 'unit'>): string {
  // A span for people would round it.
  if (unit === 'ms') return value % 1000 === 0 ? formatSpan(value) : `${value} ms`;
  if (unit === 'share') return `${Math.round(value * 100)} %`;
  if (unit === 'count') return String(value);
  return formatBytes(value);
}
