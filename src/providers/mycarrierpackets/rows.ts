import { LwiError } from '../../errors.ts';
import { asObject } from '../json-value.ts';
import type { Page, StreamRecord } from '../stream.ts';

/** The rows of an answer that is a list. Throws BAD_RESPONSE when it is none. */
export function listedRows(body: unknown): readonly unknown[] {
  if (!Array.isArray(body)) throw new LwiError('BAD_RESPONSE', 'the answer is no list');
  return body;
}

/** The rows under a member of an answer. Throws BAD_RESPONSE when there are none. */
export function rowsUnder(body: unknown, member: string): readonly unknown[] {
  const rows = asObject(body)[member];
  if (!Array.isArray(rows)) throw new LwiError('BAD_RESPONSE', `the answer holds no ${member}`);
  return rows;
}

/** Rows as records; those of which `read` makes none are set aside with the reason. */
export function readRows(
  rows: readonly unknown[],
  reason: string,
  read: (row: Readonly<Record<string, unknown>>) => StreamRecord | undefined,
): Pick<Page, 'records' | 'rejected'> {
  const records: StreamRecord[] = [];
  const rejected: { reason: string; row: unknown }[] = [];
  for (const row of rows) {
    const record = read(asObject(row));
    if (record) records.push(record);
    else rejected.push({ reason, row });
  }
  return { records, rejected };
}
