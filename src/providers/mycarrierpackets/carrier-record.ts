import type { StreamRecord } from '../stream.ts';
import { carrierId, dotNumber } from './carrier-id.ts';

/** A row that is all about one carrier, under the number of the carrier; undefined without a number. */
export function carrierRecord(row: Readonly<Record<string, unknown>>, updatedAt?: number): StreamRecord | undefined {
  const id = carrierId(row);
  return id === undefined ? undefined : recordOf(id, row, row, updatedAt);
}

/**
 * A record of a row with the DOT number added as `dot`, text or null: the vendor writes it in three ways under three names, and they would not meet in
 * a join. `carrier` is where it stands in the row.
 */
export function recordOf(
  id: string,
  row: Readonly<Record<string, unknown>>,
  carrier: Readonly<Record<string, unknown>>,
  updatedAt: number | undefined,
): StreamRecord {
  const data = { ...row, dot: dotNumber(carrier) ?? null };
  return { id, ...(updatedAt === undefined ? {} : { updatedAt }), deleted: false, data };
}
