import { EXIT_CODES, type Outcome, outcomeOf } from '../shared/send-outcome.ts';
import { type LatencySummary, latencies } from './latencies.ts';

/** What came of one item. */
export interface ReplayResult {
  readonly input?: string | undefined;
  readonly eventId?: string | undefined;
  readonly provider?: string | undefined;
  readonly status?: number | undefined;
  readonly error?: string | undefined;
  /** Absent: it was not sent. */
  readonly latencyMs?: number | undefined;
}

export interface ReplayCounts {
  readonly sent: number;
  readonly ok: number;
  /** Not answered with 2xx, or not sent at all. */
  readonly failed: number;
  /** `1xx` is there only when it came: an answer that would go on in another protocol. */
  readonly answers: Readonly<Record<'2xx' | '3xx' | '4xx' | '5xx' | 'none', number> & { '1xx'?: number }>;
  /** Inputs that could not be sent. */
  readonly unsent: number;
}

/** Counts results and keeps the first of them; memory does not grow beyond that. */
export interface ReplayTally {
  add(result: ReplayResult): void;
  counts(): ReplayCounts;
  /** Of the answers; undefined: there was none. */
  latencyMs(): LatencySummary | undefined;
  readonly results: readonly ReplayResult[];
  /** How many results are counted only. */
  leftOut(): number;
  exitCode(): number;
}

/** Results that are kept one by one, and those that are no success beyond them. */
const KEPT = 10_000;
const KEPT_FAILURES = 1000;

const EXIT_INPUT = 2;

export function replayTally(): ReplayTally {
  const results: ReplayResult[] = [];
  const answers: Record<Exclude<AnswerClass, '1xx'>, number> & { '1xx'?: number } = {
    ...{ '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0, none: 0 },
  };
  const outcomes: Record<Outcome, number> = { ok: 0, refused: 0, unavailable: 0 };
  const times = latencies();
  let all = 0;
  let unsent = 0;
  return {
    results,
    leftOut: () => all - results.length,
    add(result) {
      const { latencyMs, status } = result;
      all += 1;
      const outcome = latencyMs === undefined ? undefined : outcomeOf(result);
      if (results.length < KEPT || (outcome !== 'ok' && results.length < KEPT + KEPT_FAILURES)) results.push(result);
      if (outcome === undefined || latencyMs === undefined) {
        unsent += 1;
        return;
      }
      outcomes[outcome] += 1;
      const kind = classOf(status);
      answers[kind] = (answers[kind] ?? 0) + 1;
      if (status !== undefined) times.add(latencyMs);
    },
    counts: () => ({ sent: all - unsent, ok: outcomes.ok, failed: all - outcomes.ok, answers: { ...answers }, unsent }),
    latencyMs: times.summary,
    exitCode() {
      if (outcomes.unavailable > 0) return EXIT_CODES.unavailable;
      if (outcomes.refused > 0) return EXIT_CODES.refused;
      return unsent > 0 ? EXIT_INPUT : 0;
    },
  };
}

type AnswerClass = keyof ReplayCounts['answers'];

function classOf(status: number | undefined): AnswerClass {
  if (status === undefined) return 'none';
  if (status < 200) return '1xx';
  if (status < 300) return '2xx';
  if (status < 400) return '3xx';
  return status < 500 ? '4xx' : '5xx';
}
