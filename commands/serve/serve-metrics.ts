import type { Job, JobEnd } from '../../src/jobs/jobs.ts';
import { createMetrics } from '../../src/metrics.ts';
import type { Provider } from '../../src/providers/provider.ts';
import type { Store } from '../../src/store/store.ts';
import type { ApplyReport } from '../../src/sync/apply-event.ts';
import type { SyncReport } from '../../src/sync/sync-connection.ts';
import type { PollEnd } from '../../src/sync/watch.ts';
import type { Connected } from '../shared/recordable.ts';
import { webhookMetrics } from '../shared/webhook-metrics.ts';

/** What `lwi serve` counts. Labels hold ids of providers, accounts and entities, never anything of a delivery. */
export function serveMetrics() {
  const metrics = createMetrics();
  const webhooks = webhookMetrics(metrics);
  const events = metrics.counter('lwi_webhook_events_total', 'Tries to apply a stored delivery, by how they ended.');
  const polls = metrics.counter('lwi_polls_total', 'Polls by how they ended.');
  const jobs = metrics.counter('lwi_jobs_total', 'Jobs that somebody asked for, by how this process ended them.');
  const records = metrics.counter('lwi_records_total', 'Records that were changed in the store.');
  const requests = metrics.counter('lwi_requests_total', 'Requests to the API of a provider.');
  const throttled = metrics.counter(
    'lwi_throttled_seconds_total',
    'Seconds spent waiting for a permit of a rate limit.',
  );
  const polled = metrics.gauge(
    'lwi_last_successful_poll_timestamp_seconds',
    'When the last poll without a failure ended, Unix time.',
  );
  const age = metrics.gauge(
    'lwi_cursor_age_seconds',
    'How far the mirror is behind: time since the cursor of the last finished window.',
  );

  function read(provider: string, report: SyncReport | undefined, by: 'poll' | 'job'): void {
    for (const { entity, upserted, deleted, requests: sent, throttledMs } of report?.entities ?? []) {
      requests.add({ provider, by }, sent);
      throttled.add({ provider }, throttledMs / 1000);
      if (upserted > 0) records.add({ provider, entity, change: 'upserted' }, upserted);
      if (deleted > 0) records.add({ provider, entity, change: 'deleted' }, deleted);
    }
  }

  return {
    ...webhooks,

    /** A run that somebody asked for. */
    asked: ({ provider }: Connected, report: SyncReport) => read(provider, report, 'job'),

    event: (provider: string, outcome: 'applied' | 'retried' | 'failed') => events.add({ provider, outcome }),

    applied(provider: string, { changes, meter }: ApplyReport): void {
      requests.add({ provider, by: 'event' }, meter.requests);
      throttled.add({ provider }, meter.throttledMs / 1000);
      for (const { entity, upserted, deleted } of changes) {
        if (upserted > 0) records.add({ provider, entity, change: 'upserted' }, upserted);
        if (deleted > 0) records.add({ provider, entity, change: 'deleted' }, deleted);
      }
    },

    job({ kind, provider }: Job, { state }: JobEnd): void {
      jobs.add({ kind, provider, outcome: state });
    },

    poll({ row: { provider, account }, report, error, busy }: PollEnd<Connected>, now: number): void {
      polls.add({ provider, account, outcome: busy ? 'busy' : error ? 'failed' : 'done' });
      if (!error) polled.set({ provider, account }, now / 1000);
      read(provider, report, 'poll');
    },

    /** All of it as text, with what the store says now. */
    async text(
      store: Store,
      rows: readonly Connected[],
      streams: (id: string) => Promise<Provider>,
      now: number,
    ): Promise<string> {
      await webhooks.look(store);
      age.clear();
      for (const { provider, account, externalId = '' } of rows) {
        for (const { name: entity } of (await streams(provider)).streams) {
          const cursor = await store.cursor({ provider, account, externalId }, entity);
          if (cursor?.watermark !== undefined) age.set({ provider, account, entity }, (now - cursor.watermark) / 1000);
        }
      }
      return metrics.text();
    },
  };
}
