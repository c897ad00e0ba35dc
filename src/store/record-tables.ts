import type { RecordView } from '../providers/record-view.ts';
import type { PageRequest } from '../providers/stream.ts';
import type { SyncTarget } from './sync-tables.ts';

/**
 * The part of the store that gives back what was pulled. Long reads come in short pages, each by itself: nobody who writes waits for a reader, memory
 * does not grow with the number of rows, and a row that changes meanwhile is given as it is when its page is read.
 */
export interface RecordTables {
  /** Every entity of every company that has records or rows set aside, ordered by account, provider, company, entity. */
  recordLists(of?: RecordScope): Promise<readonly RecordList[]>;
  /** In the order of the bytes of their ids. Between two pages other work of the process has its turn. */
  records(ask: RecordAsk): AsyncIterable<StoredRecord>;
  record(list: RecordList, id: string): Promise<StoredRecord | undefined>;
  /** `since` as in `RecordAsk`; rows set aside count by when that was. */
  recordCounts(list: RecordList, since?: number): Promise<RecordCounts>;
  /** Rows that a sync could not read. */
  setAside(list: RecordList, since?: number): AsyncIterable<SetAsideRow>;
  /**
   * Makes the views of a provider what they should be; writes only when one of them is not, and drops those that lwi made for the same
   * provider and that are no longer among them. What has one of the names and was not made by lwi for this provider is left alone.
   * Where the database does not let it: why, once; nothing else is the worse for it.
   */
  keepViews(provider: string, views: readonly RecordView[]): Promise<string | undefined>;
}

/** Absent members: any. */
export interface RecordScope {
  readonly account?: string | undefined;
  readonly provider?: string | undefined;
  readonly entity?: string | undefined;
}

/** The records of one kind of one company. */
export interface RecordList extends SyncTarget {
  readonly entity: string;
}

export interface RecordAsk extends RecordList {
  /** Changed since then, ms by the provider's clock; a record without a time of change counts by when it was stored. */
  readonly since?: number | undefined;
  /** Those that are gone as well. */
  readonly deleted?: boolean | undefined;
}

export interface StoredRecord extends RecordList {
  readonly id: string;
  /** JSON text, as stored. */
  readonly data: string;
  /** ms since the epoch. */
  readonly updatedAt?: number | undefined;
  /** `absent`: gone because a read of everything did not have it. */
  readonly deleted: boolean | 'absent';
  /** When this version came, ms by the clock of the store. */
  readonly storedAt: number;
}

export interface RecordCounts {
  readonly live: number;
  /** Absent ones included. */
  readonly deleted: number;
  readonly setAside: number;
  /** The newest time of change of a live record, ms. */
  readonly newest?: number | undefined;
}

export interface SetAsideRow extends RecordList {
  readonly reason: string;
  /** JSON text of the row. */
  readonly data: string;
  /** The request that brought it. */
  readonly request?: PageRequest | undefined;
  /** ms by the local clock; the last time that it came. */
  readonly at: number;
}
