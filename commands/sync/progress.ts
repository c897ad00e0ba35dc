import { startProgress } from '../../src/progress.ts';
import { formatSpan } from '../../src/span.ts';
import type { EntityOutcome } from '../../src/sync/sync-connection.ts';
import type { SyncObserver } from '../../src/sync/sync-deps.ts';
import type { RecordableContext } from '../shared/recordable.ts';

/** Waits shorter than this are not worth a word, ms. */
const NOTICED_MS = 500;
const BAR = 10;

/** What a person sees while a connection is synced: a moving line on a terminal, a line for each entity elsewhere. */
export async function progressOf(
  context: RecordableContext,
  provider: string,
): Promise<{ readonly observer: SyncObserver; stop(): Promise<void> }> {
  const { terminal, meanwhile } = context;
  if (!terminal.lively) {
    const told = terminal.json ? {} : { ended: (outcome: EntityOutcome) => terminal.info(lineOf(provider, outcome)) };
    return { observer: told, stop: async () => {} };
  }
  const line = await startProgress(terminal, `${provider}: starting`);
  let entity = '';
  let began = meanwhile.now();
  let at: Rows = { seen: 0 };
  const show = (waitMs?: number) => {
    const name = `${provider} ${entity}  `;
    // The spinner and a blank stand before it.
    const room = terminal.width - name.length - 3;
    line.update(`${name}${stateOf(at, { elapsedMs: meanwhile.now() - began, waitMs }, room)}`);
  };
  return {
    observer: {
      begun(name) {
        entity = name;
        began = meanwhile.now();
        at = { seen: 0 };
        show();
      },
      page(_report, rows) {
        at = rows;
        show();
      },
      waits(waitMs) {
        if (waitMs >= NOTICED_MS) show(waitMs);
      },
    },
    stop: async () => line.stop(),
  };
}

interface Pace {
  readonly elapsedMs: number;
  /** How long the next request has to wait, while it does. */
  readonly waitMs?: number | undefined;
}

interface Rows {
  readonly seen: number;
  /** Absent: nobody knows how many there are. */
  readonly total?: number | undefined;
}

/**
 * `[====>     ] 12,000 of 50,000  4,100/s  9s left`, or `12,000  4,100/s` where nobody knows how many there are; while it waits, for how long. What does not fit into
 * `room` characters is left out: the bar first, then the rate.
 */
export function stateOf({ seen, total }: Rows, { elapsedMs, waitMs }: Pace, room: number): string {
  const rate = elapsedMs > 0 ? (seen * 1000) / elapsedMs : 0;
  const known = total !== undefined && total > 0;
  const done = known ? Math.floor(Math.min(1, seen / total) * BAR) : 0;
  const bar = `[${'='.repeat(done)}${done < BAR ? '>' : ''}${' '.repeat(Math.max(0, BAR - done - 1))}] `;
  const rows = known ? `${count(Math.min(seen, total))} of ${count(total)}` : count(seen);
  const speed = rate > 0 ? `  ${count(Math.max(1, Math.round(rate)))}/s` : '';
  const left = known && rate > 0 && seen < total ? `  ${span(((total - seen) / rate) * 1000)} left` : '';
  const wait = waitMs === undefined ? '' : `  waits ${span(waitMs)} for the limit`;
  const pace = wait || `${speed}${left}`;
  const forms = [`${known ? bar : ''}${rows}${pace}`, `${rows}${pace}`, `${rows}${wait || left}`];
  return forms.find((form) => form.length <= room) ?? rows;
}

function lineOf(
  provider: string,
  { entity, upserted, unchanged, deleted, requests, throttledMs, error }: EntityOutcome,
): string {
  if (error) return `${provider} ${entity}: ${error.code}: ${error.message}`;
  const parts = [
    `${count(upserted)} changed`,
    `${count(unchanged)} same`,
    `${count(deleted)} deleted`,
    `${count(requests)} ${requests === 1 ? 'request' : 'requests'}`,
  ];
  const waited = throttledMs >= NOTICED_MS ? [`waited ${span(throttledMs)} for the limit`] : [];
  return `${provider} ${entity}: ${[...parts, ...waited].join(', ')}`;
}

/** Whole seconds, at least one. */
const span = (ms: number): string => formatSpan(Math.max(1, Math.ceil(ms / 1000)) * 1000);

const count = (value: number): string => value.toLocaleString('en-US');
