import type { StreamDefinition, TimeFormat } from '../../providers/generic/definition.ts';
import type { TimelineRow } from '../timeline.ts';
import { placeValue } from './placed-value.ts';
import { sampleValue } from './sample-value.ts';

const FIRST_ID = 1001;

/** Ids are text: what an API of which nothing is known is most likely to have. */
export const idOf = (index: number) => String(FIRST_ID + index);

export function indexOf(id: string): number | undefined {
  return /^[1-9]\d{3,9}$/.test(id) ? Number(id) - FIRST_ID : undefined;
}

/** Members that a row has besides those that the definition names, so that there is something to look at. */
const FILLING = ['number', 'customer', 'lane', 'amount', 'status', 'created_at'];

/** A row as the API of the definition shows it: everything at the paths that the definition names, and some more. */
export function renderRow(definition: StreamDefinition, seed: number, row: TimelineRow): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  const { id = 'id', updatedAt, deleted, columns = {} } = definition;
  placeValue(data, id, idOf(row.index));
  if (updatedAt !== undefined) placeValue(data, updatedAt, writeTime(definition.since?.format, row.changedAt));
  if (deleted !== undefined) placeValue(data, deleted, goneMark(deleted, row));
  const of = { seed, index: row.index, createdAt: row.createdAt };
  // The deepest first, so that `owner.name` is no hindrance to `owner`, and the other way round neither.
  const paths = Object.entries(columns).sort(([, a], [, b]) => b.split('.').length - a.split('.').length);
  for (const [name, path] of paths) placeValue(data, path, sampleValue(`${name}`, of));
  for (const name of FILLING) placeValue(data, name, sampleValue(name, of));
  placeValue(data, 'revision', row.version + 1);
  return data;
}

/** Rows tell their times as the filter takes them, but for a filter by day: rows have whole times all the same. */
function writeTime(format: TimeFormat | undefined, ms: number): string | number {
  if (format === 'epochMs') return ms;
  if (format === 'epoch') return Math.floor(ms / 1000);
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

/** A time where the name says so (`deleted_at`), else a flag. */
function goneMark(path: string, row: TimelineRow): string | boolean | null {
  if (!/(_at|At|_on|On|date|Date|time|Time)$/.test(path)) return row.deleted;
  return row.deleted ? new Date(row.changedAt).toISOString() : null;
}
