import { HOLDS } from './hold-schema.ts';
import { INBOX } from './inbox-schema.ts';
import { SYNC } from './sync-schema.ts';
import { THROTTLE } from './throttle-schema.ts';
import { TOKENS } from './token-schema.ts';

export interface Migration {
  readonly sql: string;
  /**
   * The oldest schema version whose programs go on working beside the changed schema, so that machines can be upgraded one after the other. A change that
   * takes something away raises it, and comes only after a version that no longer uses it.
   */
  readonly compatibleWith: number;
}

/**
 * Schema changes in order; the entry at index n brings version n to n + 1. Append only: an entry that was released is never edited. Times are bigint, ms since
 * the epoch, but for those of oauth_tokens. Text that is a key is compared by its bytes (COLLATE "C"), as SQLite compares it.
 */
export const MIGRATIONS: readonly Migration[] = [
  { sql: [TOKENS, HOLDS, THROTTLE, SYNC, INBOX].join('\n'), compatibleWith: 1 },
];

/** The schema version that this program writes. */
export const LATEST_VERSION = MIGRATIONS.length;
