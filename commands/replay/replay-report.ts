import type { Context } from '../../src/context.ts';
import { formatSpan } from '../../src/span.ts';
import { outcomeOf } from '../shared/send-outcome.ts';
import type { ReplayResult, ReplayTally } from './replay-tally.ts';

/** Rows that people are shown; where there are more, only those that are no success. */
const MOST_ROWS = 1000;

/** Writes what came of it all: one document, or a table and a summary. `tookMs`: from the first to the last. */
export async function reportReplays(
  { terminal }: Pick<Context, 'terminal'>,
  tally: ReplayTally,
  tookMs: number,
): Promise<void> {
  const { results } = tally;
  const { sent, ok, failed, answers, unsent } = tally.counts();
  const latencyMs = tally.latencyMs();
  const perSecond = tookMs > 0 ? Math.round((sent / tookMs) * 10_000) / 10 : undefined;
  const resultsLeftOut = tally.leftOut() || undefined;
  if (terminal.json) {
    const facts = { sent, ok, failed, unsent, answers, latencyMs, durationMs: tookMs, perSecond };
    return terminal.document({ ...facts, resultsLeftOut, results });
  }
  const short = results.length > MOST_ROWS || resultsLeftOut !== undefined;
  const shown = (short ? results.filter((row) => !taken(row)) : results).slice(0, MOST_ROWS);
  if (sent + unsent === 0) return terminal.info('There was nothing to send.');
  if (shown.length > 0) await table(terminal, shown);
  if (short && shown.length > 0) terminal.info(`Listed are those that were not taken, at most ${MOST_ROWS}.`);
  if (shown.length > 0) terminal.out('');
  const parts = [
    ...Object.entries(answers).map(([name, count]) =>
      count > 0 ? `${count} ${name === 'none' ? 'without an answer' : name}` : '',
    ),
    unsent > 0 ? `${unsent} not sent` : '',
  ].filter((part) => part !== '');
  const rate = perSecond === undefined ? '' : `, ${perSecond} a second`;
  terminal.out(`sent ${sent} in ${formatSpan(tookMs)}${rate}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`);
  if (latencyMs) {
    const { p50, p90, p99, max } = latencyMs;
    terminal.out(`latency p50 ${p50} ms, p90 ${p90} ms, p99 ${p99} ms, max ${max} ms`);
  }
}

async function table({ out, style, width }: Context['terminal'], rows: readonly ReplayResult[]): Promise<void> {
  const { renderTable } = await import('../../src/table.ts');
  const status = (row: ReplayResult) => {
    const text = row.status === undefined ? '-' : String(row.status);
    return taken(row) ? style.good(text) : style.bad(text);
  };
  const columns = [
    { heading: 'input', cell: (row: ReplayResult) => row.input ?? shortened(row.eventId ?? '') },
    { heading: 'provider', cell: (row: ReplayResult) => row.provider ?? '' },
    { heading: 'status', cell: status },
    { heading: 'latency', cell: (row: ReplayResult) => (row.latencyMs === undefined ? '' : `${row.latencyMs} ms`) },
    { heading: 'error', cell: (row: ReplayResult) => row.error ?? '' },
  ];
  out(...renderTable(columns, rows, width));
}

/** As `webhook list` shows it; the beginning is enough to name it. */
const shortened = (key: string) => (key.length > 20 ? key.slice(0, 12) : key);

const taken = (row: ReplayResult) => outcomeOf(row) === 'ok';
