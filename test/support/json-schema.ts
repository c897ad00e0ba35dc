import { Ajv2020 } from 'ajv/dist/2020.js';

export type Schema = Readonly<Record<string, unknown>>;

/** RFC 3339 date-time, of a day and hour that exist. */
export function isDateTime(value: unknown): boolean {
  const [, day] = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i.exec(String(value)) ?? [];
  if (typeof value !== 'string' || day === undefined || Number.isNaN(Date.parse(value))) return false;
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}

/** Strict: a keyword, type or format that is not known goes nowhere unchecked (https://ajv.js.org/strict-mode). */
const ajv = new Ajv2020({
  ...{ allErrors: true, strict: true, strictRequired: false, allowUnionTypes: true },
  formats: { 'date-time': isDateTime },
});

/** Where a value does not fit a schema, as `/lines/0/amount must be integer`. Empty: it fits. Throws an Error when the schema is none. */
export function misfits(value: unknown, schema: Schema): string[] {
  const fits = ajv.compile(schema);
  if (fits(value)) return [];
  return (fits.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}
