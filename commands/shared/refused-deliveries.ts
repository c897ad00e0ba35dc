import type { Context } from '../../src/context.ts';
import type { LwiError } from '../../src/errors.ts';
import type { DeliveryOutcome } from '../../src/webhooks/delivery.ts';
import type { Verdict } from '../../src/webhooks/scheme.ts';
import { lineTime } from './when.ts';

/** A kind of refusal is told once in this time, so that a flood of forged deliveries is no flood of lines, ms. */
const QUIET_MS = 60_000;

const WORDS: Partial<Record<DeliveryOutcome, string>> = {
  'unknown-tenant': 'verified, but about no connection here; kept as failed',
  unverified: 'refused, it does not verify',
  malformed: 'refused, it cannot be verified',
  'too-large': 'refused, it is too large',
  'unknown-provider': 'refused, there is no such provider here',
  overloaded: 'refused for now, too much is coming at once',
  failed: 'refused for now, it could not be stored',
};

interface Refusal {
  readonly error?: LwiError | undefined;
  /** Why it does not verify. */
  readonly reason?: Verdict | undefined;
}

/** Tells of deliveries that were not taken. Never of their content. */
export function refusedDeliveries({ terminal, clock }: Pick<Context, 'terminal' | 'clock'>) {
  const told = new Map<string, { at: number; more: number }>();
  return (outcome: DeliveryOutcome, provider = 'unknown', { error, reason }: Refusal = {}): void => {
    const words = WORDS[outcome];
    if (words === undefined) return;
    const now = clock.now();
    const name = `${provider} ${outcome} ${reason}`;
    const before = told.get(name);
    if (before && Math.abs(now - before.at) < QUIET_MS) {
      before.more += 1;
      return;
    }
    told.set(name, { at: now, more: 0 });
    const more = before?.more ?? 0;
    if (terminal.json) terminal.document({ type: 'refused', provider, outcome, reason, more, error: error?.toJSON() });
    else {
      const again = more > 0 ? ` (${more} more since the last line)` : '';
      const why = error?.message ?? reason;
      terminal.warn(`${lineTime(now)} delivery ${provider}: ${words}${why ? `: ${why}` : ''}${again}`);
    }
  };
}
