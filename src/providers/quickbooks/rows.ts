import { asId, asInstant, asObject, asText } from '../json-value.ts';
import type { Page, StreamRecord } from '../stream.ts';
import type { Entity } from './entities.ts';

/**
 * Rows as records. Times carry the offset of the company and are compared as instants. A deleted row has little more than its id and
 * `status:"Deleted"`; a voided one is still a document, with zero amounts. Rows without an id are set aside.
 * Source: singer-io/tap-quickbooks, NangoHQ/integration-templates PR #467.
 */
export function readRows(entity: Entity, rows: readonly unknown[]): Pick<Page, 'records' | 'rejected'> {
  const records: StreamRecord[] = [];
  const rejected: { reason: string; row: unknown }[] = [];
  for (const row of rows) {
    const members = asObject(row);
    const id = asId(members['Id']);
    if (id === undefined) {
      rejected.push({ reason: `a row of ${entity.name} has no Id`, row });
      continue;
    }
    const updatedAt = asInstant(asObject(members['MetaData'])['LastUpdatedTime']);
    const deleted = asText(members['status'])?.toLowerCase() === 'deleted';
    records.push(updatedAt === undefined ? { id, deleted, data: row } : { id, updatedAt, deleted, data: row });
  }
  return { records, rejected };
}
