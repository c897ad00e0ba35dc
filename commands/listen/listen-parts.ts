import type { Context } from '../../src/context.ts';
import type { LwiError } from '../../src/errors.ts';
import { createMetrics } from '../../src/metrics.ts';
import type { Forward, ForwardEnd } from '../../src/store/forwards.ts';
import { asFailure } from '../../src/sync/event-retry.ts';
import type { DeliveryOutcome, DeliveryTrouble } from '../../src/webhooks/delivery.ts';
import { inboxHealth } from '../shared/inbox-health.ts';
import { receiving } from '../shared/receiving.ts';
import { refusedDeliveries } from '../shared/refused-deliveries.ts';
import type { ReceiverChoice } from '../shared/run-receiver.ts';
import { webhookMetrics } from '../shared/webhook-metrics.ts';
import { iso } from '../shared/when.ts';
import { tellEvents } from './event-lines.ts';

/** What receiver and forwarding of `lwi webhook listen` share. */
export async function listenParts(context: Context, { forwardTo, arrived }: ReceiverChoice) {
  const { clock, terminal } = context;
  const startedAt = iso(clock.now());
  const registry = createMetrics();
  const metrics = webhookMetrics(registry);
  const health = inboxHealth();
  const refused = refusedDeliveries(context);
  const { store, known, rows, signers, receive } = await receiving(context, {
    ...{ serves: () => true, keeps: true, forwardTo },
    arrived: (batch, results) => {
      // With a target the attempt is the line that a person wants to see.
      tellEvents(terminal, batch, results, { now: clock.now(), quiet: forwardTo.length > 0 });
      if (results.includes('new')) arrived();
    },
  });
  const trouble = (error: LwiError) => health.trouble(error, clock.now());

  return {
    ...{ store, receive, trouble },
    attempted: ({ provider }: Forward, end: ForwardEnd) => metrics.attempt(provider, end),

    toldDelivery(outcome: DeliveryOutcome, provider: string | undefined, { error, reason }: DeliveryTrouble): void {
      metrics.delivery(provider, outcome);
      const failure = error === undefined ? undefined : asFailure(error);
      if (failure) trouble(failure);
      refused(outcome, provider, { error: failure, reason });
    },

    pages: {
      health: async () => {
        const { reasons, events } = await health.state(store, clock.now());
        const status = reasons.length > 0 ? ('degraded' as const) : ('ok' as const);
        return { status, reasons, startedAt, events };
      },
      metrics: async () => {
        await metrics.look(store);
        return registry.text();
      },
    },

    /** Trouble with the vault ends the command here, before anything is refused for it. */
    async warnOfMissingSecrets(): Promise<void> {
      const ready = [];
      for (const { id, webhook } of known.values()) {
        if (webhook && (await signers(id, undefined)).length > 0) ready.push(id);
      }
      const connected = [...new Set((await rows()).map(({ provider }) => provider))];
      for (const id of connected) {
        if (!known.get(id)?.webhook || ready.includes(id)) continue;
        terminal.warn(
          `${id}: no webhook secret is known, so its deliveries are refused. Run \`lwi secret set ${id} webhook-secret\`.`,
        );
      }
      if (ready.length === 0 && connected.length === 0)
        terminal.warn(
          'No webhook secret is known, so every delivery is refused. Run `lwi secret set <provider> webhook-secret`.',
        );
    },
  };
}
