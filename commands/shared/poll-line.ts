import { connectionName } from '../../src/connection.ts';
import { formatSpan } from '../../src/span.ts';
import type { PollEnd } from '../../src/sync/watch.ts';
import type { Terminal } from '../../src/terminal.ts';
import type { Connected } from './recordable.ts';
import { iso, lineTime } from './when.ts';

/** One poll for people on stderr, or as a line of JSON on stdout. */
export function tellPoll(
  terminal: Terminal,
  { row, report, error, busy, nextAt }: PollEnd<Connected>,
  now: number,
): void {
  const outcome = busy ? 'busy' : error ? 'failed' : 'done';
  if (terminal.json) {
    return void terminal.document({
      ...{ type: 'poll', provider: row.provider, account: row.account, outcome },
      ...{ startedAt: report?.startedAt, finishedAt: report?.finishedAt ?? iso(now) },
      entities: report?.entities.map((entity) => ({ ...entity, error: entity.error?.toJSON() })) ?? [],
      ...{ error: error?.toJSON(), nextAt: iso(nextAt) },
    });
  }
  const name = `${lineTime(now)} poll ${connectionName(row)}:`;
  const next = `next in ${formatSpan(Math.max(0, nextAt - now))}`;
  if (busy) return void terminal.info(`${name} left out, somebody else is syncing it; ${next}`);
  if (error) return void terminal.warn(`${name} ${error.code}: ${error.message} ${error.hint} (${next})`);
  const sum = (of: 'upserted' | 'deleted' | 'rejected' | 'requests') =>
    report?.entities.reduce((total, entity) => total + entity[of], 0) ?? 0;
  const aside = sum('rejected') > 0 ? `, ${sum('rejected')} set aside` : '';
  terminal.info(
    `${name} ${sum('upserted')} changed, ${sum('deleted')} deleted${aside}, ${sum('requests')} requests; ${next}`,
  );
}
