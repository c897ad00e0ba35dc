import { createAlarm } from '../../src/alarm.ts';
import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import { retryAfterMs } from '../../src/http/retry-after.ts';
import { isLoopbackHost } from '../../src/loopback-host.ts';
import { parseSpan } from '../../src/span.ts';
import type { Forward, ForwardEnd } from '../../src/store/forwards.ts';
import type { Store } from '../../src/store/store.ts';
import { RETRY_FOR_MS } from '../../src/webhooks/forward-schedule.ts';
import { forwardEvents } from '../../src/webhooks/forwarder.ts';
import { requestSender } from '../../src/webhooks/request-sender.ts';
import { tracedSender } from '../../src/webhooks/traced-sender.ts';
import { recoverDeadTargets } from './dead-targets.ts';
import { tellAttempt, tellHeld, tellTarget } from './forward-lines.ts';
import { httpTarget } from './http-target.ts';
import { sendTimeoutOf } from './send-timeout.ts';
import { wholeNumber } from './whole-number.ts';

/** As given on the command line. */
export interface ForwardOptions {
  readonly forwardTo?: readonly string[];
  readonly concurrency?: string;
  readonly timeout?: string;
  readonly retryFor?: string;
}

/** Where events go, and how hard it is tried. */
export interface ForwardSettings {
  readonly targets: readonly string[];
  readonly concurrency: number;
  /** For one attempt, ms. */
  readonly timeoutMs: number;
  /** For one event, ms. */
  readonly retryForMs: number;
}

/** Reads them. Throws USAGE, like `httpTarget` too. */
export function forwardSettings({ forwardTo = [], concurrency, timeout, retryFor }: ForwardOptions): ForwardSettings {
  return {
    targets: [...new Set(forwardTo.map(targetOf))],
    concurrency:
      concurrency === undefined
        ? FORWARD_DEFAULTS.concurrency
        : wholeNumber(concurrency, '--concurrency', 1, MOST_FORWARDS_AT_ONCE),
    timeoutMs: timeout === undefined ? FORWARD_DEFAULTS.timeoutMs : sendTimeoutOf(timeout),
    retryForMs: retryFor === undefined ? RETRY_FOR_MS : parseSpan(retryFor, '--retry-for'),
  };
}

/** It is a key of the database, and an index of PostgreSQL takes no more than a third of a page, which is 2704 bytes. */
const LONGEST_TARGET = 2000;

function targetOf(text: string): string {
  const { href } = httpTarget(text, '--forward-to');
  if (href.length <= LONGEST_TARGET) return href;
  throw new LwiError(
    'USAGE',
    `--forward-to takes an address of at most ${LONGEST_TARGET} characters, not ${href.length}.`,
  );
}

/** Requests to one target at once. */
export const MOST_FORWARDS_AT_ONCE = 256;

/** Requests to one target at once, and ms for one attempt, when nobody says otherwise. */
export const FORWARD_DEFAULTS = { concurrency: 10, timeoutMs: 10_000 } as const;

export interface ForwardingParts {
  readonly store: Store;
  readonly signal: AbortSignal;
  attempted(event: Forward, end: ForwardEnd): void;
  trouble(error: LwiError): void;
}

export interface ForwardingJobs {
  /** One for each target; each ends with the reason of the stop, or with what no wait would end. */
  readonly jobs: readonly Promise<never>[];
  /** Something new is to be sent. */
  ring(): void;
  /** Cuts what is still open; once the jobs have ended. */
  close(): void;
}

/** Sends what the inbox holds for the targets, until the signal. */
export function startForwarding(context: Context, settings: ForwardSettings, parts: ForwardingParts): ForwardingJobs {
  const { clock, random, terminal } = context;
  const { targets, concurrency, timeoutMs, retryForMs } = settings;
  const { store, signal, trouble } = parts;
  const trace = { clock, verbosity: context.options.verbosity, write: terminal.trace };
  const each = targets.map((target) => {
    // One for each: of two paths on one host, the one that hangs must not take the connections of the other.
    const sender = tracedSender(requestSender({ clock, timeoutMs, maxSockets: concurrency, retryAfterMs }), trace);
    const alarm = createAlarm(clock);
    const job = forwardEvents({
      ...{ forwards: store, sender, clock, random, signal, alarm, target, concurrency, retryForMs, trouble },
      told: (event, end) => {
        parts.attempted(event, end);
        tellAttempt(terminal, event, end, { now: clock.now(), several: targets.length > 1 });
      },
      toldTarget: (state, pauseMs) => tellTarget(terminal, target, state, pauseMs),
      toldHeld: () => tellHeld(terminal, target),
    });
    // Whoever awaits it comes later.
    job.catch(() => {});
    return { job, alarm, sender };
  });
  return {
    jobs: each.map(({ job }) => job),
    ring: () => {
      for (const { alarm } of each) alarm.ring();
    },
    close: () => {
      for (const { sender } of each) sender.close();
    },
  };
}

/** Says what a person should know of the targets before events go there. */
export async function warnOfTargets(
  { terminal, clock }: Context,
  { targets }: ForwardSettings,
  store: Pick<Store, 'forwardCounts' | 'holdTarget' | 'recoverForwards'>,
): Promise<void> {
  await recoverDeadTargets(store, clock.now(), targets);
  for (const text of targets) {
    const { protocol, hostname } = new URL(text);
    if (protocol === 'http:' && !isLoopbackHost(hostname))
      terminal.warn(`${text} is another machine, and http: everybody on the way can read what is forwarded.`);
  }
  const left = new Map<string, number>();
  for (const { target, waiting } of await store.forwardCounts()) {
    if (waiting > 0 && !targets.includes(target)) left.set(target, (left.get(target) ?? 0) + waiting);
  }
  for (const [target, count] of left) {
    const events = count === 1 ? '1 event waits' : `${count} events wait`;
    terminal.info(
      `${events} for ${target}, where this process does not send: \`lwi webhook replay --waiting --to <url>\``,
    );
  }
}
