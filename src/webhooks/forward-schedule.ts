/** Waits between the attempts of one event, ms; the last one is repeated. A short one first: the usual reason is that the target is just being started anew. */
const WAITS_MS = [1_000, 5_000, 30_000, 120_000, 600_000, 1_800_000, 3_600_000];
const LAST_MS = 3_600_000;

/** How long attempts go on when nobody says otherwise, ms. */
export const RETRY_FOR_MS = 86_400_000;

/** Part of a wait by which it is spread, so that what failed together does not come together again. */
const JITTER = 0.1;

/**
 * The wait after `attempt` (from 1) has failed, ms; undefined: it was the last, because the waits of the schedule, added up, would be longer than `retryForMs`. What
 * the target asks for (`askedMs`, Retry-After) goes before a shorter wait.
 */
export function nextWait(
  attempt: number,
  retryForMs: number,
  random: number,
  askedMs: number | undefined,
): number | undefined {
  let total = 0;
  for (let at = 0; at < attempt; at++) total += WAITS_MS[at] ?? LAST_MS;
  if (total > retryForMs) return undefined;
  const wait = WAITS_MS[attempt - 1] ?? LAST_MS;
  return Math.max(askedMs ?? 0, Math.round(wait * (1 + JITTER * (2 * random - 1))));
}
