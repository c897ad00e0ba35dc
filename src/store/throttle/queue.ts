import type { LimitRule } from '../../providers/provider.ts';

/** How long after its time a waiter is still waited for, ms: it may be asleep, stopped or dead. */
export const GRACE_MS = 250;
/** A waiter that has not asked for so long is forgotten, ms; it takes its place again when it asks. */
export const FORGET_MS = 60_000;
/** Every so manyth permit goes to whoever came first of all. */
const ELDER_EVERY = 10;

export interface Waiter {
  readonly ticket: number;
  readonly rank: number;
  /** `namesOf` its rules. */
  readonly rules: string;
}

/** A place to be taken, or kept until `asksAt`. */
export interface Place {
  readonly scope: string;
  readonly rank: number;
  readonly rules: string;
  readonly ticket?: number | undefined;
  readonly asksAt: number;
}

/** Names of rules, each between line ends. */
export function namesOf(rules: readonly LimitRule[]): string {
  return `\n${rules.map(({ name }) => name).join('\n')}\n`;
}

/** Those who wait for any of these rules. */
export function waitingFor(waiters: readonly Waiter[], rules: readonly LimitRule[]): Waiter[] {
  return waiters.filter((waiter) => rules.some(({ name }) => waiter.rules.includes(`\n${name}\n`)));
}

/**
 * How many permits are given before it is the turn of whoever asks now, after `sent` permits, if nobody comes or leaves: those of `waiters` with a lower
 * rank or an earlier ticket go first, but for every tenth permit, which is for the earliest ticket of all.
 */
export function turnsBefore(
  ask: { readonly rank: number; readonly ticket?: number | undefined },
  waiters: readonly Waiter[],
  sent: number,
): number {
  const mine = ask.ticket ?? Number.POSITIVE_INFINITY;
  const others = waiters.filter(({ ticket }) => ticket !== mine);
  const inTurn = [...others, { ticket: mine, rank: ask.rank }].sort((a, b) => a.rank - b.rank || a.ticket - b.ticket);
  const ofAge = inTurn.toSorted((a, b) => a.ticket - b.ticket);
  for (let turn = 0; ; turn++) {
    const elders = (sent + turn) % ELDER_EVERY === ELDER_EVERY - 1;
    const [next] = elders ? ofAge : inTurn;
    if (next === undefined || next.ticket === mine) return turn;
    ofAge.splice(ofAge.indexOf(next), 1);
    inTurn.splice(inTurn.indexOf(next), 1);
  }
}
