import type { Clock } from '../clock.ts';
import { type ConnectionKey, connectionName } from '../connection.ts';
import type { Jobs, NewJob } from './jobs.ts';

/** What comes within it is one run, ms; and the pause after one, so that a stream of events is no stream of runs, ms. */
const GATHER_MS = 500;
const PAUSE_MS = 10_000;
/** Connections whose last run is remembered. */
const MOST_REMEMBERED = 10_000;

/** Runs that events ask for: those of one entity that nobody has begun with are one. */
export function askedSyncs(jobs: Pick<Jobs, 'add'>, clock: Clock) {
  let asked = new Map<string, NewJob>();
  const startsAt = new Map<string, number>();
  return {
    /** Of one entity, or of all. Made by `keep`. */
    soon(key: ConnectionKey, entity?: string): void {
      const name = `${connectionName(key)}/${entity ?? ''}`;
      const now = clock.now();
      const next = Math.max(now + GATHER_MS, Math.min(startsAt.get(name) ?? 0, now) + PAUSE_MS);
      const order = { by: 'event', entities: entity === undefined ? undefined : [entity] };
      const { account, provider } = key;
      asked.set(name, { kind: 'sync', account, provider, key: name, order, inMs: next - now });
    },
    /** Makes them, so that whatever asked may be forgotten. */
    async keep(): Promise<void> {
      if (asked.size === 0) return;
      const making = asked;
      asked = new Map();
      try {
        await jobs.add([...making.values()]);
      } catch (error) {
        asked = new Map([...making, ...asked]);
        throw error;
      }
      if (startsAt.size > MOST_REMEMBERED) startsAt.clear();
      const now = clock.now();
      for (const [name, { inMs = 0 }] of making) {
        // One that waits already stays as it is.
        if ((startsAt.get(name) ?? 0) <= now) startsAt.set(name, now + inMs);
      }
    },
  };
}
