import type { NewEvent } from './inbox.ts';

/** About how much of an event goes to the database, bytes: its body and its headers. */
export function eventBytes({ body, headers }: Pick<NewEvent, 'body' | 'headers'>): number {
  return headers.reduce((sum, [name, value]) => sum + name.length + value.length, body.length);
}
