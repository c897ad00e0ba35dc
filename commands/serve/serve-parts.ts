import type { Context } from '../../src/context.ts';
import type { NewEvent } from '../../src/store/inbox.ts';
import { asFailure } from '../../src/sync/event-retry.ts';
import type { PollEnd } from '../../src/sync/watch.ts';
import type { Delivery, DeliveryOutcome } from '../../src/webhooks/delivery.ts';
import { groupCommit } from '../../src/webhooks/group-commit.ts';
import { type Receiving, receiveDelivery } from '../../src/webhooks/receive-delivery.ts';
import { onceATurn } from '../shared/once-a-turn.ts';
import { tellPoll } from '../shared/poll-line.ts';
import type { Connected } from '../shared/recordable.ts';
import { serveHealth } from './health.ts';
import { knownSigners } from './known-signers.ts';
import { refusedDeliveries } from './refused-deliveries.ts';
import { serveMetrics } from './serve-metrics.ts';

export interface ServeChoice {
  /** Providers that are served; empty: all. */
  readonly ids: readonly string[];
  readonly intervalMs: number;
  /** Called when something new is in the inbox. */
  arrived(): void;
}

/** What receiver, inbox and polls of `lwi serve` share. Throws PROVIDER_UNKNOWN. */
export async function serveParts(context: Context, { ids, intervalMs, arrived }: ServeChoice) {
  const { clock, terminal } = context;
  const known = new Map((await context.providers()).map((provider) => [provider.id, provider]));
  for (const id of ids) await context.provider(id);
  const serves = (id: string) => ids.length === 0 || ids.includes(id);
  const store = await context.store();
  const metrics = serveMetrics();
  const health = serveHealth(clock.now(), intervalMs);
  const refused = refusedDeliveries(context);
  const rows = onceATurn(async () =>
    (await context.existingConnections()).filter(({ provider }) => serves(provider) && known.has(provider)),
  );
  const connections = async (provider: string) => (await rows()).filter((row) => row.provider === provider);
  const accounts = async (provider: string) => (await connections(provider)).map(({ account }) => account);
  const signers = knownSigners(context, accounts);
  const commit = groupCommit(async (batch: readonly NewEvent[]) => {
    const results = await store.acceptEvents(batch);
    if (results.includes('new')) arrived();
    return results;
  });
  const receiving: Receiving = {
    ...{ now: () => clock.now(), signers, connections },
    webhook: async (id) => (serves(id) ? known.get(id)?.webhook : undefined),
    accept: commit,
  };

  return {
    ...{ store, clock, metrics, health, rows, serves },
    provider: (id: string) => context.provider(id),
    receive: (delivery: Delivery) => receiveDelivery(receiving, delivery),

    toldDelivery(outcome: DeliveryOutcome, provider: string | undefined, error?: unknown): void {
      metrics.delivery(provider, outcome);
      if (error === undefined) return void refused(outcome, provider);
      health.trouble(asFailure(error), clock.now());
      refused(outcome, provider, asFailure(error));
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
