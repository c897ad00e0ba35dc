import type { CommitRecord } from './sync-tables.ts';

/** What stands in the column `deleted`. */
export const LIVE = 0;
export const DELETED = 1;
export const ABSENT = 2;

/**
 * One statement decides what a record does to the stored one, so that a page needs no look at what is there, in words that SQLite and PostgreSQL both read:
 * newer replaces; of equal age, a change of the data or a deletion replaces, but a live copy never revives a tombstone that the provider has set;
 * where one side has no time, the last read wins; a tombstone keeps the data that it buries. A record that is merely absent gives way to any
 * sight of the same version, and buries nothing that is buried already.
 */
export const RECORD_RULE = `
ON CONFLICT (account_id, provider, external_id, entity, id) DO UPDATE SET
  data = CASE WHEN excluded.deleted > ${LIVE} THEN records.data ELSE excluded.data END,
  updated_at = coalesce(excluded.updated_at, records.updated_at),
  deleted = excluded.deleted,
  scope = CASE WHEN excluded.deleted > ${LIVE} THEN records.scope ELSE excluded.scope END,
  stored_at = excluded.stored_at
WHERE NOT (excluded.deleted = ${ABSENT} AND records.deleted > ${LIVE}) AND (
  excluded.updated_at > records.updated_at
  OR (excluded.updated_at = records.updated_at
    AND ((records.deleted = ${LIVE} AND (excluded.deleted > ${LIVE} OR excluded.data <> records.data)) OR records.deleted = ${ABSENT}))
  OR ((excluded.updated_at IS NULL OR records.updated_at IS NULL)
    AND (excluded.deleted <> records.deleted OR (records.deleted = ${LIVE} AND excluded.data <> records.data))))`;

/** JSON text of a record; it has no control character in it, and no half of a surrogate pair (https://tc39.es/ecma262/#sec-quotejsonstring). */
export const dataOf = ({ data }: CommitRecord): string => JSON.stringify(data) ?? 'null';

/** Slack's times have microseconds; the column holds whole milliseconds. */
export const timeOf = ({ updatedAt }: CommitRecord): number | null =>
  updatedAt === undefined ? null : Math.round(updatedAt);

/** For the column `deleted`. */
export const stateOf = ({ deleted }: CommitRecord): number =>
  deleted === 'absent' ? ABSENT : deleted ? DELETED : LIVE;

/** The other way round. */
export const deletedOf = (state: number): boolean | 'absent' => (state === ABSENT ? 'absent' : state !== LIVE);
