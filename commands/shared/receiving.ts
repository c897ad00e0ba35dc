import type { Context } from '../../src/context.ts';
import { eventBytes } from '../../src/store/event-bytes.ts';
import type { NewEvent } from '../../src/store/inbox.ts';
import type { Delivery, DeliveryAnswer } from '../../src/webhooks/delivery.ts';
import { groupCommit } from '../../src/webhooks/group-commit.ts';
import { type Receiving, receiveDelivery } from '../../src/webhooks/receive-delivery.ts';
import { askedLately } from './asked-lately.ts';
import { type KnownSigners, knownSigners } from './known-signers.ts';

export interface ReceivingChoice {
  /** Which providers' webhooks are taken. */
  serves(provider: string): boolean;
  /** Events are there to be kept and forwarded, and nobody applies them: what no connection is known for is kept for the chosen account. */
  readonly keeps: boolean;
  /** URLs. */
  readonly forwardTo: readonly string[];
  /** Told of each commit: what was in it, and whether it was new. */
  arrived(batch: readonly NewEvent[], results: readonly ('new' | 'duplicate')[]): void;
}

/** What goes into one commit, bytes: each is to be over well before its senders want an answer, also where disk and network are slow. */
const MOST_BYTES = 1024 * 1024;

/** How deliveries are judged and stored by this process. */
export async function receiving(context: Context, { serves, keeps, forwardTo, arrived }: ReceivingChoice) {
  const { clock } = context;
  const known = new Map((await context.providers()).map((provider) => [provider.id, provider]));
  const store = await context.store();
  const writer = store.eventWriter();
  // A role that may not store would refuse every delivery.
  if (store.shared) await store.acceptEvents([]);
  const account = await context.account();
  const rows = askedLately(clock, async () =>
    (await context.existingConnections()).filter(({ provider }) => serves(provider) && known.has(provider)),
  );
  const connections = async (provider: string) => (await rows()).filter((row) => row.provider === provider);
  const signers: KnownSigners = knownSigners(context, async (provider) =>
    (await connections(provider)).map((row) => row.account),
  );
  const webhook = (id: string) => (serves(id) ? known.get(id)?.webhook : undefined);
  const deps: Receiving = {
    ...{ now: () => clock.now(), signers, connections, keeps, forwardTo },
    ...(keeps ? { strays: () => account } : {}),
    webhook: async (id) => webhook(id),
    accept: groupCommit(
      async (batch: readonly NewEvent[]) => {
        const results = await writer.acceptEvents(batch);
        arrived(batch, results);
        return results;
      },
      // The thread has the next batch at hand when it is done with one.
      { atOnce: 2, mostBytes: MOST_BYTES, bytesOf: eventBytes },
    ),
  };
  return {
    ...{ store, known, rows, signers },
    knows: (provider: string): boolean => webhook(provider) !== undefined,
    receive: (delivery: Delivery): Promise<DeliveryAnswer> => receiveDelivery(deps, delivery),
  };
}
