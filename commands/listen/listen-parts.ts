import type { Context } from '../../src/context.ts';
import { createMetrics } from '../../src/metrics.ts';
import type { Forward, ForwardEnd } from '../../src/store/forwards.ts';
import { inboxHealth } from '../shared/inbox-health.ts';
import { warnOfMissingSecrets } from '../shared/missing-secrets.ts';
import { receiving } from '../shared/receiving.ts';
import type { ReceiverChoice } from '../shared/run-receiver.ts';
import { storeTrouble } from '../shared/store-trouble.ts';
import { toldDelivery } from '../shared/told-delivery.ts';
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
  const { trouble, toldTrouble, well } = storeTrouble(context, health);
  const { store, known, rows, signers, receive, knows } = await receiving(context, {
    ...{ serves: () => true, keeps: true, forwardTo },
    arrived: (batch, results) => {
      well();
      // With a target the attempt is the line that a person wants to see.
      tellEvents(terminal, batch, results, { now: clock.now(), quiet: forwardTo.length > 0 });
      if (results.includes('new')) arrived();
    },
  });

  return {
    ...{ store, receive, knows, trouble, well },
    toldDelivery: toldDelivery(context, { metrics, trouble: toldTrouble }),
    attempted: ({ provider }: Forward, end: ForwardEnd) => metrics.attempt(provider, end),

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

    async warnOfMissingSecrets(): Promise<void> {
      const ready = [];
      for (const { id, webhook } of known.values()) {
        if (webhook && (await signers(id, undefined)).length > 0) ready.push(id);
      }
      const connected = await warnOfMissingSecrets(terminal, { known, rows, signers });
      if (ready.length === 0 && connected.length === 0)
        terminal.warn(
          'No webhook secret is known, so every delivery is refused. Run `lwi secret set <provider> webhook-secret`.',
        );
    },
  };
}
