import type { Metrics } from '../../src/metrics.ts';
import type { ForwardEnd } from '../../src/store/forwards.ts';
import type { Store } from '../../src/store/store.ts';
import type { DeliveryOutcome } from '../../src/webhooks/delivery.ts';

/** What every receiver counts. Labels hold ids of providers and accounts, and the addresses that the operator gave; never anything of a delivery. */
export function webhookMetrics(metrics: Metrics) {
  const deliveries = metrics.counter('lwi_webhook_deliveries_total', 'Webhook deliveries by what became of them.');
  const attempts = metrics.counter('lwi_webhook_forward_attempts_total', 'Attempts to forward an event, by their end.');
  const waiting = metrics.gauge('lwi_inbox_events', 'Deliveries that are not applied: waiting, or failed for good.');
  const forwards = metrics.gauge(
    'lwi_webhook_forwards',
    'Events that are not at the target of --forward-to: waiting, or failed for good.',
  );
  return {
    delivery: (provider: string | undefined, outcome: DeliveryOutcome) =>
      deliveries.add({ provider: provider ?? 'unknown', outcome }),

    attempt: (provider: string, { state }: ForwardEnd) =>
      attempts.add({ provider, outcome: state === 'received' ? 'retried' : state }),

    /** Reads anew what the store says. */
    async look(store: Pick<Store, 'inboxCounts' | 'forwardCounts'>): Promise<void> {
      const counts = await store.inboxCounts();
      const sent = await store.forwardCounts();
      waiting.clear();
      for (const { provider, account, received, failed } of counts) {
        waiting.set({ provider, account, state: 'waiting' }, received);
        waiting.set({ provider, account, state: 'failed' }, failed);
      }
      forwards.clear();
      for (const { provider, account, target, waiting: left, failed } of sent) {
        forwards.set({ provider, account, target, state: 'waiting' }, left);
        forwards.set({ provider, account, target, state: 'failed' }, failed);
      }
    },
  };
}
