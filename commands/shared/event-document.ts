import type { ForwardAttempt, ListedEvent } from '../../src/store/inbox-reading.ts';
import { iso } from './when.ts';

/** An event of the inbox for JSON, without headers and body. */
export function listedEvent(event: ListedEvent) {
  const { key, provider, account, type, standing, receivedAt, bytes, attempts, lastError, forwards } = event;
  return {
    ...{ eventId: key, provider, account, type, state: standing, receivedAt: iso(receivedAt), bytes },
    applied: appliedOf(event, attempts, lastError),
    forwards: forwards.map(({ dueAt, ...forward }) => ({ ...forward, nextAt: iso(dueAt) })),
  };
}

/** How far the local store has it; absent: it was never meant to be applied. */
function appliedOf({ state }: ListedEvent, attempts: number, lastError: string | undefined) {
  return state === 'kept' ? undefined : { state, attempts, lastError };
}

export function attemptDocument({ startedAt, ...attempt }: ForwardAttempt) {
  return { ...attempt, startedAt: iso(startedAt), replay: attempt.attempt === undefined };
}
