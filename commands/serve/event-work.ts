import type { Alarm } from '../../src/alarm.ts';
import { type ConnectionKey, connectionName } from '../../src/connection.ts';
import type { Context } from '../../src/context.ts';
import { printable } from '../../src/printable.ts';
import type { Provider } from '../../src/providers/provider.ts';
import type { WebhookEvent } from '../../src/providers/webhook-settings.ts';
import type { InboxEvent } from '../../src/store/inbox.ts';
import { applyEvents } from '../../src/sync/apply-event.ts';
import type { InboxWork, Worked } from '../../src/sync/work-inbox.ts';
import { joinedHeaders } from '../../src/webhooks/delivery.ts';
import { waitedOut } from '../shared/waited-out.ts';
import { iso, lineTime } from '../shared/when.ts';
import type { ServeParts } from './serve-parts.ts';

interface Beside {
  /** Asks for a poll that is due at once; of one entity, or of all. */
  pollSoon(key: ConnectionKey, entity?: string): void;
  /** Called when events have been applied, before they are forgotten. Absent: nothing is to be done then. */
  applied?(): Promise<void>;
  readonly alarm: Alarm;
  readonly signal: AbortSignal;
}

/** How `lwi serve` applies what its inbox holds. */
export function eventWork(
  context: Context,
  parts: ServeParts,
  { pollSoon, applied, alarm, signal }: Beside,
): InboxWork {
  const { clock, terminal, owner } = context;
  const { store, metrics, health } = parts;

  async function apply(key: ConnectionKey, events: readonly InboxEvent[]): Promise<Worked> {
    const provider = await context.provider(key.provider);
    const row = await (await context.tokens()).usable(key);
    const target = { ...key, externalId: row.externalId ?? '' };
    const { apiBaseUrl: baseUrl } = await context.endpoints(provider, row.env);
    const deps = { send: await context.api(provider), store, clock, signal, owner, provider, baseUrl, target };
    const report = await applyEvents(
      { ...deps, pollSoon: (entity) => pollSoon(key, entity) },
      events.map((event) => read(provider, event)),
    );
    await applied?.();
    metrics.applied(provider.id, report);
    return report;
  }

  return {
    ...{ inbox: store, clock, signal, alarm, apply },
    takes: ({ provider }) => parts.serves(provider),
    trouble(error) {
      health.trouble(error, clock.now());
      terminal.warn(waitedOut(error));
    },
    told(event, { error, dueAt }) {
      const outcome = error === undefined ? 'applied' : dueAt === undefined ? 'failed' : 'retried';
      metrics.event(event.provider, outcome);
      const { provider, account, key, type, attempts, receivedAt } = event;
      const now = clock.now();
      if (terminal.json) {
        return void terminal.document({
          ...{ type: 'event', provider, account, eventId: key, eventType: type, outcome, attempt: attempts + 1 },
          ...{
            receivedAt: iso(receivedAt),
            error: error?.toJSON(),
            dueAt: iso(dueAt),
            tookMs: Math.max(0, now - receivedAt),
          },
        });
      }
      const line = `${lineTime(now)} event ${connectionName(event)} ${printable(type)}: ${outcome}`;
      if (error) terminal.warn(`${line}: ${error.code}: ${error.message} ${error.hint}`);
      else terminal.info(line);
    },
  };
}

/** What a stored delivery says. */
function read({ webhook }: Provider, { body, headers }: InboxEvent): readonly WebhookEvent[] {
  return webhook?.readEvents(body, joinedHeaders(headers)) ?? [];
}
