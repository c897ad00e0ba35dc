/**
 * What a column holds, whatever the database calls it. `text` as it is; `id` from outside, which stays distinct (PostgreSQL takes no NUL: src/store/postgres/stored-text.ts);
 * `said` for people, whose NUL is U+FFFD in PostgreSQL, and so compared; `names` a list of words (JSON in SQLite, text[] in PostgreSQL); `moment` a time in ms
 * (timestamptz in PostgreSQL); `account` the name of an account where PostgreSQL refers to a row of `accounts`.
 */
export type Kind = 'text' | 'id' | 'said' | 'number' | 'bytes' | 'moment' | 'names' | 'uuid' | 'account';

/** A table that a copy carries over. */
export interface CopiedTable {
  readonly name: string;
  /** Columns in the order of a row's cells. */
  readonly columns: Readonly<Record<string, Kind>>;
  /** Columns that tell one row from another. */
  readonly key: readonly string[];
  /** The column whose numbers the database gives out, and never twice. */
  readonly numbered?: string;
}

const ACCOUNT = { account_id: 'text', provider: 'text' } as const;
const COMPANY = { account_id: 'id', provider: 'id', external_id: 'id' } as const;
const LIST = { ...COMPANY, entity: 'text' } as const;

/**
 * Every table whose rows last, parents before their children; a test compares it with the schemas. What is of use for minutes only stays behind: leases,
 * throttle, circuits, holders, jobs, and the room that a rotation reserves.
 */
export const COPIED_TABLES: readonly CopiedTable[] = [
  { name: 'meta', columns: { name: 'text', value: 'text' }, key: ['name'] },
  {
    name: 'oauth_tokens',
    columns: {
      ...{ id: 'uuid', account_id: 'account', provider: 'text', env: 'text', variant: 'text' },
      ...{ client_encrypted: 'bytes', access_token_encrypted: 'bytes' },
      ...{ refresh_token_encrypted: 'bytes', id_token_encrypted: 'bytes', token_type: 'said' },
      ...{ issued_at: 'moment', expires_at: 'moment', refresh_expires_at: 'moment', refresh_hard_expires_at: 'moment' },
      ...{ scopes: 'names', external_id: 'text', external_name: 'said', external_user_id: 'text' },
      ...{ state: 'text', state_reason: 'said', generation: 'number', refresh_count: 'number' },
      ...{ last_refresh_at: 'moment', last_refresh_outcome: 'text', last_refresh_detail: 'said' },
      ...{ last_refresh_failures: 'number', rotation_started_at: 'moment', rotation_owner: 'text' },
      ...{ created_at: 'moment', updated_at: 'moment' },
    },
    key: ['account_id', 'provider'],
  },
  { name: 'retired_generations', columns: { ...ACCOUNT, generation: 'number' }, key: Object.keys(ACCOUNT) },
  {
    name: 'secrets',
    columns: { ...ACCOUNT, name: 'text', value_encrypted: 'bytes', fingerprint: 'text', updated_at: 'number' },
    key: [...Object.keys(ACCOUNT), 'name'],
  },
  {
    name: 'records',
    columns: {
      ...{ ...LIST, id: 'id', data: 'text', updated_at: 'number', deleted: 'number' },
      ...{ scope: 'id', stored_at: 'number' },
    },
    key: [...Object.keys(LIST), 'id'],
  },
  {
    name: 'rejected_records',
    columns: {
      ...{ ...LIST, digest: 'text', reason: 'said', data: 'text', request: 'text' },
      ...{ run: 'number', rejected_at: 'number' },
    },
    key: [...Object.keys(LIST), 'digest'],
  },
  {
    name: 'sync_cursors',
    columns: { ...LIST, watermark: 'number', resume: 'text', updated_at: 'number' },
    key: Object.keys(LIST),
  },
  {
    name: 'sync_runs',
    columns: {
      ...{ run: 'number', ...COMPANY, kind: 'text', owner: 'text', started_at: 'number', finished_at: 'number' },
      ...{ outcome: 'text', pages: 'number', upserted: 'number', unchanged: 'number' },
      ...{ deleted: 'number', rejected: 'number' },
    },
    key: ['run'],
    numbered: 'run',
  },
  { name: 'sync_seen', columns: { ...LIST, id: 'id' }, key: [...Object.keys(LIST), 'id'] },
  {
    name: 'inbox',
    columns: {
      ...{ event: 'number', ...ACCOUNT, key: 'text', type: 'said', method: 'text', path: 'text', headers: 'text' },
      ...{ body: 'bytes', received_at: 'number', state: 'text', attempts: 'number', due_at: 'number' },
      ...{ last_error: 'said', run: 'number', finished_at: 'number' },
    },
    key: ['event'],
    numbered: 'event',
  },
  {
    name: 'forwards',
    columns: {
      ...{ event: 'number', target: 'text', state: 'text', attempts: 'number', due_at: 'number' },
      ...{ started_at: 'number', last_error: 'said', finished_at: 'number' },
    },
    key: ['event', 'target'],
  },
  {
    name: 'forward_attempts',
    columns: {
      ...{ event: 'number', number: 'number', target: 'text', attempt: 'number' },
      ...{ started_at: 'number', took_ms: 'number', status: 'number', error: 'said' },
    },
    key: ['event', 'number'],
    numbered: 'number',
  },
];

/** The row of `meta` that says that a copy into this database is under way or was broken off; it is no part of what is copied. */
export const COPY_NOTE = 'store_copy';
