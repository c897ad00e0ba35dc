import { dottedValue } from '../../dotted-path.ts';
import type { StreamRecord } from '../stream.ts';
import type { StreamDefinition } from './definition.ts';
import { readTime } from './times.ts';

/** A row as a record, or why it cannot be one. */
export function readRow(row: unknown, definition: StreamDefinition): StreamRecord | { reason: string; row: unknown } {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return { reason: 'the row is no object', row };
  const idPath = definition.id ?? 'id';
  const id = dottedValue(row, idPath);
  if (typeof id === 'number' && !Number.isSafeInteger(id))
    return { reason: `${idPath} is a number too large to be exact`, row };
  if ((typeof id !== 'string' && typeof id !== 'number') || id === '')
    return { reason: `there is no id at ${idPath}`, row };

  const changed = definition.updatedAt === undefined ? undefined : dottedValue(row, definition.updatedAt);
  const updatedAt = readTime(changed);
  if (updatedAt === undefined && changed !== undefined && changed !== null && changed !== '') {
    return { reason: `${definition.updatedAt} is no time`, row };
  }
  const deleted = definition.deleted !== undefined && isSet(dottedValue(row, definition.deleted));
  if (updatedAt === undefined) return { id: String(id), deleted, data: row };
  return { id: String(id), updatedAt, deleted, data: row };
}

const UNSET: readonly unknown[] = [undefined, null, false, 0, '', '0', 'false'];

/** A flag, or a value that is only there once the row is gone (`deleted_at`). */
function isSet(value: unknown): boolean {
  return !UNSET.includes(value);
}
