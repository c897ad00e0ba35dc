import type { Context } from '../../src/context.ts';
import type { Forward, ForwardEnd } from '../../src/store/forwards.ts';
import type { PollEnd } from '../../src/sync/watch.ts';
import { warnOfMissingSecrets } from '../shared/missing-secrets.ts';
import { tellPoll } from '../shared/poll-line.ts';
import { receiving } from '../shared/receiving.ts';
import type { Connected } from '../shared/recordable.ts';
import type { ReceiverChoice } from '../shared/run-receiver.ts';
import { storeTrouble } from '../shared/store-trouble.ts';
import { toldDelivery } from '../shared/told-delivery.ts';
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
  const { trouble, toldTrouble, well } = storeTrouble(context, health);
  const { store, known, rows, signers, receive, knows } = await receiving(context, {
    ...{ serves, keeps: false, forwardTo },
    arrived: (_, results) => {
      well();
      if (results.includes('new')) arrived();
    },
  });

  const provider = (id: string) => context.provider(id);

  return {
    ...{ store, metrics, health, rows, serves, receive, knows, trouble, well },
    toldDelivery: toldDelivery(context, { metrics, trouble: toldTrouble }),
    attempted: ({ provider: id }: Forward, end: ForwardEnd) => metrics.attempt(id, end),

    pages: {
      health: async () => health.state(store, await rows(), clock.now()),
      metrics: async () => metrics.text(store, await rows(), provider, clock.now()),
    },

    toldPoll(end: PollEnd<Connected>): void {
      const now = clock.now();
      metrics.poll(end, now);
      health.poll(end, now);
      tellPoll(terminal, end, now);
    },

    async warnOfMissingSecrets(): Promise<void> {
      const connected = await warnOfMissingSecrets(terminal, { known, rows, signers }, '; polls go on');
      if (connected.length === 0) terminal.warn('Nothing is connected yet: run `lwi connect <provider>`.');
    },
  };
}

export type ServeParts = Awaited<ReturnType<typeof serveParts>>;
