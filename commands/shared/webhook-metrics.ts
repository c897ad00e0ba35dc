import type { Metrics } from '../../src/metrics.ts';
import type { ForwardEnd } from '../../src/store/forwards.ts';
import type { Store } from '../../src/store/store.ts';
import type { DeliveryOutcome } from '../../src/webhooks/delivery.ts';

/** What every receiver counts. Labels hold ids of providers and accounts, and the addresses that the operator gave; never anything of a delivery. */
export function webhookMetrics(metrics: Metrics) {
  const deliveries = metrics.counter('lwi_webhook_deliveries_total', 'Webhook deliveries by what became of them.');
  const attempts = metrics.counter('lwi_webhook_forward_attempts_total', 'Attempts to forward an event, by their end.');
  const waiting = metrics.gauge(
    'lwi_inbox_events',
    'Events that are not done with: waiting to be applied or forwarded, or failed for good.',
  );
  const forwards = metrics.gauge(
    'lwi_webhook_forwards',
    'Events that are not at the target of --forward-to: waiting, or failed for good.',
  );
  /** Deliveries since somebody looked: counting one is part of answering it. */
  const came = new Map<string, { readonly provider: string; readonly outcome: DeliveryOutcome; count: number }>();

  return {
    delivery(provider: string | undefined, outcome: DeliveryOutcome): void {
      const name = `${outcome} ${provider}`;
      const known = came.get(name);
      if (known) known.count += 1;
      else came.set(name, { provider: provider ?? 'unknown', outcome, count: 1 });
    },

    attempt: (provider: string, { state }: ForwardEnd) =>
      attempts.add({ provider, outcome: state === 'received' ? 'retried' : state }),

    /** Reads anew what the store says. */
    async look(store: Pick<Store, 'inboxCounts' | 'forwardCounts'>): Promise<void> {
      for (const { provider, outcome, count } of came.values()) deliveries.add({ provider, outcome }, count);
      came.clear();
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
