import { printableJson } from '../../src/printable.ts';
import type { SetAsideRow, StoredRecord } from '../../src/store/record-tables.ts';
import { iso } from '../shared/when.ts';

/** A record as one line of JSON, with its data exactly as stored. */
export function recordLine({ provider, account, externalId, entity, ...record }: StoredRecord): string {
  const envelope = {
    ...{ provider, account, externalId, entity, id: record.id, updatedAt: iso(record.updatedAt) },
    deleted: record.deleted !== false,
    ...(record.deleted === 'absent' ? { absent: true } : {}),
    storedAt: iso(record.storedAt),
  };
  return withData(envelope, record.data);
}

/** A row that could not be read, likewise. */
export function setAsideLine({
  provider,
  account,
  externalId,
  entity,
  reason,
  request,
  at,
  data,
}: SetAsideRow): string {
  return withData({ provider, account, externalId, entity, reason, request, setAsideAt: iso(at) }, data);
}

function withData(envelope: object, data: string): string {
  return printableJson(`${JSON.stringify(envelope).slice(0, -1)},"data":${data}}\n`);
}
