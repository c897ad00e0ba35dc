import { isObject } from '../providers/json-value.ts';
import type { CommitRecord } from '../store/sync-tables.ts';

/** Members that lwi adds to each record: its key, its time of change, and when it went (as targets that delete rows expect it). */
const KEY = '_lwi_id';
const CHANGED = '_lwi_updated_at';
const GONE = '_sdc_deleted_at';

type Types = Map<string, Set<string>>;

/**
 * One stream of Singer messages. The schema is made from the records: each member with the types that it has had, null always among them. It is said again before a
 * page that brings a new member or type, which a target takes as a change of the table. Source: singer-io/getting-started `docs/SPEC.md`.
 */
export function singerStream(stream: string) {
  const types: Types = new Map();
  let said = false;
  const schema = () => {
    said = true;
    return { type: 'SCHEMA', stream, schema: schemaOf(types), key_properties: [KEY], bookmark_properties: [CHANGED] };
  };
  return {
    /** The schema, so that a stream without records is known too. */
    begin: (): readonly object[] => (said ? [] : [schema()]),

    /** The messages of a page. `now`: ms since the epoch. */
    messages(records: readonly CommitRecord[], now: number): readonly object[] {
      const extracted = new Date(now).toISOString();
      const rows = records.map((record) => rowOf(record, extracted));
      const grown = rows.map((row) => widen(types, row)).includes(true);
      const messages = rows.map((record) => ({ type: 'RECORD', stream, record, time_extracted: extracted }));
      return grown || !said ? [schema(), ...messages] : messages;
    },
  };
}

function rowOf({ id, updatedAt, deleted, data }: CommitRecord, now: string): Readonly<Record<string, unknown>> {
  const changed = updatedAt === undefined ? null : new Date(updatedAt).toISOString();
  const members = isObject(data) ? data : data === null ? {} : { value: data };
  return { ...members, [KEY]: id, [CHANGED]: changed, [GONE]: deleted === false ? null : (changed ?? now) };
}

/** Notes the types of a record. True when there are new ones. */
function widen(types: Types, row: Readonly<Record<string, unknown>>): boolean {
  let grown = false;
  for (const name of Object.keys(row)) {
    const type = typeOf(row[name]);
    const known = types.get(name);
    if (known?.has(type)) continue;
    grown = true;
    if (known) known.add(type);
    else types.set(name, new Set(['null', type]));
  }
  return grown;
}

function typeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value;
}

function schemaOf(types: Types): object {
  const time = { type: ['null', 'string'], format: 'date-time' };
  const own = { [KEY]: { type: 'string' }, [CHANGED]: time, [GONE]: time };
  const members = [...types]
    .filter(([name]) => !Object.hasOwn(own, name))
    .map(([name, each]) => [name, memberOf(each)]);
  return { type: 'object', properties: { ...Object.fromEntries(members), ...own }, additionalProperties: true };
}

function memberOf(types: ReadonlySet<string>): object {
  return { type: [...types], ...(types.has('array') ? { items: {} } : {}) };
}
