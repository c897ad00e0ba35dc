/** What a database says of itself. Nothing of what it holds is in here. */
export interface Examination {
  /** The engine and its version: `SQLite 3.53.4`. */
  readonly engine: string;
  /** How the inside was looked at, in the engine's own word. */
  readonly method: string;
  /** What is wrong inside, the first few; empty when nothing is. */
  readonly problems: readonly string[];
  /** Version of the schema; opening has brought it up to date. */
  readonly schemaVersion: number;
  readonly sizeBytes: number;
  /** Of these, what is empty and used again before the database grows. */
  readonly freeBytes: number;
  /** What is written and not moved into the database yet. */
  readonly logBytes: number;
}
