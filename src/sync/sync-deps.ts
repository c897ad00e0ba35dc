import type { Clock } from '../clock.ts';
import type { Send } from '../http/http.ts';
import type { Provider } from '../providers/provider.ts';
import type { RecordTables } from '../store/record-tables.ts';
import type { CommitRecord, RunKind, SyncTables, SyncTarget } from '../store/sync-tables.ts';
import type { EntityReport } from './report.ts';

/** The slice of the store that a run needs. */
export type SyncStore = Pick<
  SyncTables,
  'cursor' | 'notePoll' | 'commitPage' | 'unseen' | 'forgetSeen' | 'startRun' | 'finishRun' | 'holdSync'
> &
  Pick<RecordTables, 'keepViews'>;

/** Who looks on, and what is told. */
export interface SyncObserver {
  /** An entity begins. */
  begun?(entity: string): void;
  /** A page is committed: how many rows of the window have come, and how many there are, where that is known. */
  page?(report: EntityReport, at: { readonly seen: number; readonly total?: number | undefined }): void;
  /** An entity has ended, well or not. */
  ended?(report: EntityReport): void;
  /** Something that the run does without, for the person. */
  noted?(text: string): void;
  /** A request has to wait, ms as far as can be foreseen. */
  waits?(waitMs: number): void;
  /** The records of a page, before they are committed: what this throws keeps the cursor where it is. */
  records?(entity: string, records: readonly CommitRecord[]): void;
  /** A window has been read to its end; its cursor is stored. ms by the provider's clock. */
  reached?(entity: string, watermark: number): void;
}

/** What a run works with. */
export interface SyncDeps {
  readonly send: Send;
  readonly store: SyncStore;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly provider: Provider;
  readonly baseUrl: string;
  readonly target: SyncTarget;
  readonly observer: SyncObserver;
}

/** How a connection is synced. */
export interface RunOrder {
  readonly kind: RunKind;
  /** Names the process. */
  readonly owner: string;
  /** ms since the epoch, for all entities; absent: from the stored cursors. */
  readonly since?: number | undefined;
  /** From where each entity is read, ms since the epoch, whatever the stored cursors say; one that is not in it: from the beginning. */
  readonly bookmarks?: ReadonlyMap<string, number> | undefined;
  readonly full?: boolean | undefined;
  /** Most records of each entity. */
  readonly limit?: number | undefined;
}
