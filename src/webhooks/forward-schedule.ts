/** Waits between the attempts of one event, ms; the last one is repeated. A short one first: the usual reason is that the target is just being started anew. */
const WAITS_MS = [1_000, 5_000, 30_000, 120_000, 600_000, 1_800_000, 3_600_000];
const LAST_MS = 3_600_000;

/** How long attempts go on when nobody says otherwise, ms. */
export const RETRY_FOR_MS = 86_400_000;

/** Part of a wait by which it is spread, so that what failed together does not come together again. */
const JITTER = 0.1;

/** What decides about a further attempt. */
export interface FailedAttempt {
  /** From 1. */
  readonly attempt: number;
  /** How long ago the event was received, ms. */
  readonly ageMs: number;
  /** How long attempts go on, ms. */
  readonly retryForMs: number;
  /** What the target asks for (Retry-After), ms. */
  readonly askedMs?: number | undefined;
}

/**
 * The wait after an attempt has failed, ms, spread by `random`; undefined: it was the last. It is so when the waits of the schedule, added up, are longer than
 * `retryForMs`, and the next attempt would come later than that after the event: neither restarts, each of which makes an attempt, nor an event that waited for
 * days before its first one cut the time short. What the target asks for goes before a shorter wait.
 */
export function nextWait(
  { attempt, ageMs, retryForMs, askedMs = 0 }: FailedAttempt,
  random: number,
): number | undefined {
  const wait = WAITS_MS[attempt - 1] ?? LAST_MS;
  let total = 0;
  for (let at = 0; at < attempt; at++) total += WAITS_MS[at] ?? LAST_MS;
  if (total > retryForMs && ageMs + wait > retryForMs) return undefined;
  return Math.max(askedMs, Math.round(wait * (1 + JITTER * (2 * random - 1))));
}
