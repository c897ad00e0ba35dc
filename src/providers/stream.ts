/** A kind of record that can be pulled. */
export interface Stream {
  /** Plural noun on the command line: `invoices`. */
  readonly name: string;
  /** How far each window reaches back behind the last watermark, ms: covers late and equal timestamps. */
  readonly overlapMs: number;
  /** Whether a stored page request may be continued by a later run (false where page tokens are short-lived). */
  readonly resumable: boolean;
  /** Shortest allowed time between two runs, ms; 0: any. */
  readonly minIntervalMs: number;
  /**
   * When a record that was not in what was read is gone. `list`: every window reads all there is; `full`: only a full read (`sync --full`) does;
   * `pages`: the pages tell which lists have been read to their end (`complete`); `never`: these are events, which the provider may forget without
   * their being undone.
   */
  readonly absence: 'list' | 'full' | 'pages' | 'never';
  /** Columns of the database view of these records: name -> dotted path in the data. Names are lower-case words joined by `_`. */
  readonly columns: Readonly<Record<string, string>>;
  /** The first request of a window, and what this window cannot see. */
  start(window: SyncWindow): StreamStart;
  /** Reads one page. Throws LwiError BAD_RESPONSE when the answer is not what the provider documents. */
  parse(page: PageAnswer): Page;
  /** Asks for one record by its id; `parse` reads the answer. No record in it: it is gone. Absent: only windows can be read. */
  lookup?(id: string, window: SyncWindow): PageRequest;
}

export interface SyncWindow {
  /** Lower bound, ms since the epoch; absent: everything. */
  readonly since?: number;
  readonly now: number;
  readonly externalId: string;
}

export interface StreamStart {
  readonly request: PageRequest;
  /** Sentences on what this window cannot see, e.g. deletions before 30 days. */
  readonly coverage: readonly string[];
  /** Upper bound that the request names, ms, where it does: the cursor does not go beyond it, whatever the provider's clock says. */
  readonly until?: number;
  /** Asks how many rows the window has, where its pages do not tell; the `total` in what `parse` makes of the answer is the count. */
  readonly count?: PageRequest;
}

/** JSON data, so that it can be stored with the cursor and continued by another process. */
export interface PageRequest {
  readonly method: string;
  /** Begins with `/` and is appended to the API base URL. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whatever the stream wants to remember between pages. */
  readonly state?: Json;
}

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface PageAnswer {
  readonly request: PageRequest;
  /** Where the API is that has answered, without a slash at its end; links in an answer are read against it. */
  readonly baseUrl?: string;
  readonly window: SyncWindow;
  /** Parsed JSON body. */
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
  /** The provider's clock, ms: from the first answer of the window; the upper bound of what the window covers. */
  readonly until: number;
}

export interface Page {
  readonly records: readonly StreamRecord[];
  readonly next?: PageRequest;
  /** Rows that could not be read, with the reason; they are set aside, the page goes on. */
  readonly rejected: readonly { readonly reason: string; readonly row: unknown }[];
  readonly coverage?: readonly string[];
  /** Deletions of the window may be missing, however far its pages go on: only a read of everything finds them. */
  readonly incomplete?: boolean;
  /** How many rows all pages of the window have together, where the answer tells. */
  readonly total?: number;
  /** What has now been read to its end: stored records in there that were not in the window are gone. */
  readonly complete?: readonly RecordRange[];
}

export interface StreamRecord {
  readonly id: string;
  /** ms since the epoch; absent where the provider has no time of change. */
  readonly updatedAt?: number;
  readonly deleted: boolean;
  readonly data: unknown;
  /** The list that it stands in, where a stream is made of several that are read each by itself (a channel, a thread). */
  readonly scope?: string;
}

/** Records of one scope (absent: of the whole stream) whose ids are in a range, both ends included, in the order of their bytes. */
export interface RecordRange {
  readonly scope?: string;
  readonly from?: string;
  readonly to?: string;
}

/** A first request of a window that is about to be sent. */
export interface BundlePart {
  readonly request: PageRequest;
  /** How many rows the window has, if it is known. */
  readonly total?: number | undefined;
}

/** Takes some of the requests together, or undefined when it is not worth it. Pure. */
export type Bundle = (parts: readonly BundlePart[]) => Bundled | undefined;

export interface Bundled {
  readonly request: PageRequest;
  /** Which of the parts are in it, by their place. */
  readonly parts: readonly number[];
  /** For each of those, the request that was in fact made for it and the body that it would have had as an answer; undefined: to be asked by itself. */
  split(body: unknown): readonly ({ readonly request: PageRequest; readonly body: unknown } | undefined)[];
}
