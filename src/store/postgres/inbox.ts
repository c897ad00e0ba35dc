import type { Inbox } from '../inbox.ts';
import type { PostgresDatabase } from './database.ts';
import type { Holds } from './holds.ts';

export function inboxTable(_db: PostgresDatabase, _holds: Holds): Inbox & { closeWriter(): Promise<void> } {
  return { closeWriter: async () => {} } as Inbox & { closeWriter(): Promise<void> };
}
