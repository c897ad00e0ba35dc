import type { InboxReading } from '../inbox-reading.ts';
import type { PostgresDatabase } from './database.ts';

export function inboxReading(_db: PostgresDatabase): InboxReading {
  return {} as InboxReading;
}
