import { connectionName } from '../../src/connection.ts';
import type { LwiError } from '../../src/errors.ts';
import { formatSpan } from '../../src/span.ts';
import type { ConnectionRow, Store } from '../../src/store/store.ts';
import type { PollEnd } from '../../src/sync/watch.ts';
import { type InboxHealth, inboxHealth } from '../shared/inbox-health.ts';
import type { Connected } from '../shared/recordable.ts';
import { iso } from '../shared/when.ts';

/** Polls that may fail before somebody is told, in intervals. */
const MISSED_INTERVALS = 3;

interface Polled {
  readonly at: number;
  readonly outcome: 'done' | 'failed' | 'busy';
  readonly error?: LwiError | undefined;
  /** When the last one without a failure ended. */
  readonly goodAt?: number | undefined;
}

type Judged = Connected & Partial<Pick<ConnectionRow, 'state'>>;

/** What `/healthz` says. */
export interface Health {
  readonly status: 'ok' | 'degraded';
  readonly reasons: readonly string[];
  readonly startedAt: string;
  readonly polls: readonly object[];
  readonly events: InboxHealth['events'];
}

/** Watches over a running `lwi serve`: what it was told makes the state of its health. */
export function serveHealth(startedAt: number, intervalMs: number) {
  const polls = new Map<string, Polled>();
  const inbox = inboxHealth();
  return {
    poll({ row, error, busy }: PollEnd<Connected>, at: number): void {
      const before = polls.get(connectionName(row))?.goodAt;
      const outcome = busy ? 'busy' : error ? 'failed' : 'done';
      polls.set(connectionName(row), { at, outcome, error: busy ? undefined : error, goodAt: error ? before : at });
    },

    /** A poll that this process or another one has done without a failure. */
    seen(row: Connected, at: number): void {
      const before = polls.get(connectionName(row));
      if (at <= (before?.goodAt ?? Number.NEGATIVE_INFINITY)) return;
      // What this one met before it is over.
      if (at > (before?.at ?? Number.NEGATIVE_INFINITY))
        polls.set(connectionName(row), { at, outcome: 'done', goodAt: at });
    },

    trouble: inbox.trouble,
    well: inbox.well,

    async state(store: Store, rows: readonly Judged[], now: number): Promise<Health> {
      const reasons: string[] = [];
      const states = rows.map((row) => {
        const polled = polls.get(connectionName(row));
        const since = now - (polled?.goodAt ?? startedAt);
        const { error } = polled ?? {};
        // Another machine may have found it out.
        if (row.state === 'reconnect') reasons.push(`${connectionName(row)}: RECONNECT_REQUIRED`);
        else if (error?.category === 'auth') reasons.push(`${connectionName(row)}: ${error.code}`);
        else if (since > MISSED_INTERVALS * intervalMs) {
          reasons.push(
            `${connectionName(row)}: no poll has succeeded for ${formatSpan(since)}${error ? ` (${error.code})` : ''}`,
          );
        }
        return {
          ...{ provider: row.provider, account: row.account, outcome: polled?.outcome, error: error?.code },
          ...{ lastAt: iso(polled?.at), lastSuccessAt: iso(polled?.goodAt) },
        };
      });
      const { reasons: others, events } = await inbox.state(store, now);
      const all = [...reasons, ...others];
      const status = all.length > 0 ? 'degraded' : 'ok';
      return { status, reasons: all, startedAt: iso(startedAt) ?? '', polls: states, events };
    },
  };
}
