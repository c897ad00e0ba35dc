import type { Context } from '../../src/context.ts';
import type { LwiError } from '../../src/errors.ts';
import { asFailure } from '../../src/sync/event-retry.ts';
import type { DeliveryOutcome } from '../../src/webhooks/delivery.ts';
import type { ReceiverOptions } from '../../src/webhooks/receiver.ts';
import { refusedDeliveries } from './refused-deliveries.ts';

/** Who is to know what became of deliveries. */
interface DeliveryWatchers {
  readonly metrics: { delivery(provider: string | undefined, outcome: DeliveryOutcome): void };
  /** Told of trouble with the store. */
  trouble(error: LwiError): void;
}

/** Counts each delivery, tells of those that were not taken, and reports why they could not be stored. */
export function toldDelivery(context: Context, { metrics, trouble }: DeliveryWatchers): ReceiverOptions['told'] {
  const refused = refusedDeliveries(context);
  return (outcome, provider, { error, reason }) => {
    metrics.delivery(provider, outcome);
    const failure = error === undefined ? undefined : asFailure(error);
    if (failure) trouble(failure);
    refused(outcome, provider, { error: failure, reason });
  };
}
