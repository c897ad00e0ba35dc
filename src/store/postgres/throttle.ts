import type { PermitStore } from '../permits.ts';
import type { DatabaseClock } from './clock.ts';
import type { PostgresDatabase } from './database.ts';

export function throttleTables(
  _db: PostgresDatabase,
  _clock: DatabaseClock,
  _options: { now(): number },
): PermitStore & { flushPermits(): Promise<void> } {
  return { flushPermits: async () => {} } as PermitStore & { flushPermits(): Promise<void> };
}
