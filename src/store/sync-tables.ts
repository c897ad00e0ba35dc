import type { ConnectionKey } from '../connection.ts';
import type { PageRequest, RecordRange, StreamRecord, SyncWindow } from '../providers/stream.ts';

/** The part of the store that a sync writes: records, cursors, runs. */
export interface SyncTables {
  cursor(target: SyncTarget, entity: string): Promise<Cursor | undefined>;
  /** Notes that a poll of this entity is about to be sent, so that a killed run does not ask again too early. */
  notePoll(target: SyncTarget, entity: string, at: number): Promise<void>;
  /** Records, progress or cursor, and counters of one page, all or nothing. */
  commitPage(page: PageCommit): Promise<PageCounts>;
  /** At most `limit` ids of stored live records in `range` that the present window has not noted as seen and that are older than `before`, in their order. */
  unseen(target: SyncTarget, entity: string, ask: UnseenAsk): Promise<readonly string[]>;
  /**
   * A new window begins, or one has ended: nothing is noted as seen. When that was, ms by the clock of the store; undefined: the clock of this machine is the one
   * of the store.
   */
  forgetSeen(target: SyncTarget, entity: string): Promise<number | undefined>;
  startRun(target: SyncTarget, run: NewRun): Promise<number>;
  finishRun(run: number, finishedAt: number, outcome: string): Promise<void>;
  /** For `status`: the last finished run and how many live records there are. */
  syncSummary(target: SyncTarget): Promise<SyncSummary>;
  /**
   * Takes the right to sync a connection, which nobody else then has on this machine until `release`, or the death of this process. Else who has it.
   */
  holdSync(target: SyncTarget, owner: string, at: number): Promise<SyncHold | SyncHolder>;
}

/** Where records belong: the tenant here and the company there, so that a replaced connection never mixes two companies. */
export interface SyncTarget extends ConnectionKey {
  readonly externalId: string;
}

export interface Cursor {
  /** Everything before this time of the provider's clock is here. */
  readonly watermark?: number | undefined;
  /** A window that was interrupted, and the page it goes on with. */
  readonly resume?: Resume | undefined;
  /** When the last page was committed or the last poll sent, ms by the clock of the store. */
  readonly updatedAt: number;
  /** When this was read, ms by the clock of the store, which several machines share; absent: the clock of this machine is the one of the store. */
  readonly readAt?: number | undefined;
}

/** Where an interrupted window goes on. */
export interface Resume {
  /** The next page; absent when all pages have come and only what is gone is left to be settled. */
  readonly request?: PageRequest | undefined;
  readonly window: SyncWindow;
  readonly until: number;
  /** Of a read of everything: `read`, or its `tail`, which reads what has changed meanwhile. Absent: a window of changes, or the first one. */
  readonly whole?: 'read' | 'tail' | undefined;
  /** When the window began, ms by the clock of the store. */
  readonly startedAt?: number | undefined;
  /** How many rows the pages have together, and how many came so far. */
  readonly total?: number | undefined;
  readonly seen?: number | undefined;
  /** Why what is absent from the window is no proof that it is gone: rows that could not be read, a list that changed. */
  readonly doubt?: string | undefined;
}

export interface PageCommit {
  readonly target: SyncTarget;
  readonly entity: string;
  readonly run: number;
  readonly records: readonly CommitRecord[];
  readonly rejected: readonly { readonly reason: string; readonly row: unknown }[];
  /** The request that brought the page, kept with the rows that are set aside. */
  readonly request?: PageRequest | undefined;
  /** Either the page to go on with, or the watermark that the finished window reached. Absent: a single record was fetched, no cursor moves. */
  readonly progress?: { readonly resume: Resume } | { readonly watermark: number } | undefined;
  /** Note the records as seen in the present window. */
  readonly seen?: boolean | undefined;
  /** ms by the clock of this machine; a store that several share takes it over into its own. */
  readonly at: number;
}

/** `absent`: gone because a read of everything did not have it. Unlike a deletion that the provider tells of, any sight of the record undoes it. */
export type CommitRecord = Omit<StreamRecord, 'deleted'> & { readonly deleted: boolean | 'absent' };

export interface PageCounts {
  readonly upserted: number;
  /** Same or older version than the stored one. */
  readonly unchanged: number;
  readonly deleted: number;
}

export interface UnseenAsk {
  readonly range: RecordRange;
  /** Records that were stored since then are left out: they came by another way while the window was read. ms by the clock of the store. */
  readonly before: number;
  /** Only ids behind this one. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** `sync` by hand, `poll` of a watcher, `event` of a webhook. */
export type RunKind = 'sync' | 'poll' | 'event';

export interface NewRun {
  readonly kind: RunKind;
  readonly owner: string;
  readonly startedAt: number;
}

export interface SyncHold {
  release(): Promise<void>;
}

/** Who syncs a connection now. */
export interface SyncHolder {
  readonly owner: string;
  /** ms since the epoch. */
  readonly since: number;
}

export interface SyncSummary {
  readonly lastRunAt?: number | undefined;
  readonly lastOutcome?: string | undefined;
  readonly records: number;
}
