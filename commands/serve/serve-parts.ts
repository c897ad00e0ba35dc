import type { Context } from '../../src/context.ts';
import type { LwiError } from '../../src/errors.ts';
import type { Forward, ForwardEnd } from '../../src/store/forwards.ts';
import { asFailure } from '../../src/sync/event-retry.ts';
import type { PollEnd } from '../../src/sync/watch.ts';
import type { DeliveryOutcome, DeliveryTrouble } from '../../src/webhooks/delivery.ts';
import { tellPoll } from '../shared/poll-line.ts';
import { receiving } from '../shared/receiving.ts';
import type { Connected } from '../shared/recordable.ts';
import { refusedDeliveries } from '../shared/refused-deliveries.ts';
import type { ReceiverChoice } from '../shared/run-receiver.ts';
import { serveHealth } from './health.ts';
import { serveMetrics } from './serve-metrics.ts';

export interface ServeChoice extends ReceiverChoice {
  /** Providers that are served; empty: all. */
  readonly ids: readonly string[];
  readonly intervalMs: number;
}

/** What receiver, inbox and polls of `lwi serve` share. Throws PROVIDER_UNKNOWN. */
export async function serveParts(context: Context, { ids, intervalMs, forwardTo, arrived }: ServeChoice) {
  const { clock, terminal } = context;
  for (const id of ids) await context.provider(id);
  const serves = (id: string) => ids.length === 0 || ids.includes(id);
  const metrics = serveMetrics();
  const health = serveHealth(clock.now(), intervalMs);
  const refused = refusedDeliveries(context);
  const { store, known, rows, signers, receive } = await receiving(context, {
    ...{ serves, keeps: false, forwardTo },
    arrived: (_, results) => {
      if (results.includes('new')) arrived();
    },
  });

  const provider = (id: string) => context.provider(id);

  return {
    ...{ store, metrics, health, rows, serves, receive },
    attempted: ({ provider: id }: Forward, end: ForwardEnd) => metrics.attempt(id, end),
    trouble: (error: LwiError) => health.trouble(error, clock.now()),

    pages: {
      health: async () => health.state(store, await rows(), clock.now()),
      metrics: async () => metrics.text(store, await rows(), provider, clock.now()),
    },

    toldDelivery(outcome: DeliveryOutcome, provider: string | undefined, { error, reason }: DeliveryTrouble): void {
      metrics.delivery(provider, outcome);
      const failure = error === undefined ? undefined : asFailure(error);
      if (failure) health.trouble(failure, clock.now());
      refused(outcome, provider, { error: failure, reason });
    },

    toldPoll(end: PollEnd<Connected>): void {
      const now = clock.now();
      metrics.poll(end, now);
      health.poll(end, now);
      tellPoll(terminal, end, now);
    },

    /** Trouble with the vault ends the command here, before anything is refused for it. */
    async warnOfMissingSecrets(): Promise<void> {
      const connected = [...new Set((await rows()).map(({ provider }) => provider))];
      if (connected.length === 0) terminal.warn('Nothing is connected yet: run `lwi connect <provider>`.');
      for (const id of connected) {
        if (!known.get(id)?.webhook || (await signers(id, undefined)).length > 0) continue;
        terminal.warn(
          `${id}: no webhook secret is known, so its deliveries are refused; polls go on. Run \`lwi secret set ${id} webhook-secret\`.`,
        );
      }
    },
  };
}

export type ServeParts = Awaited<ReturnType<typeof serveParts>>;
