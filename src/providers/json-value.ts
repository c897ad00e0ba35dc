/** JSON from outside as an object; `{}` for everything that is none, so that members can be read without a check. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}

/** Whether `value` is a JSON object (no array, not null). */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON from outside as an array; `[]` for everything that is none. */
export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/**
 * A string with something in it; undefined for everything else. Halves of characters (`"\ud800"` in JSON) become U+FFFD, as they would in UTF-8
 * anyway, so that an id is the same before it is stored and after.
 */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.toWellFormed() : undefined;
}

/** An identifier as text: a string with something in it, or an integer that JavaScript holds exactly. */
export function asId(value: unknown): string | undefined {
  return Number.isSafeInteger(value) ? String(value) : asText(value);
}

/** A finite number, also when it came as a decimal string. */
export function asNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\s*-?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** A number above zero, as `asNumber` reads it: a life or an interval; others write 0 for never. */
export function asPositive(value: unknown): number | undefined {
  const number = asNumber(value);
  return number !== undefined && number > 0 ? number : undefined;
}

/** An ISO 8601 time as ms since the epoch; a time without a zone is read as UTC. Undefined when it is no time. */
export function asInstant(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d/.test(value)) return undefined;
  const local = /^\d{4}-\d\d-\d\dT[\d:.]+$/.test(value);
  const instant = Date.parse(local ? `${value}Z` : value);
  return Number.isNaN(instant) ? undefined : instant;
}

/**
 * JSON out of raw bytes (UTF-8); undefined when they are none. Who asks about the same bytes as the one before, as the parts of a receiver do one after the other,
 * gets the same value: it is only to be read.
 */
export function parseBytes(bytes: Uint8Array): unknown {
  if (last.bytes !== bytes) last = { bytes, value: parsed(bytes) };
  return last.value;
}

let last: { readonly bytes?: Uint8Array; readonly value?: unknown } = {};
const decoder = new TextDecoder();

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    return undefined;
  }
}

/** The same object without the members that are undefined, as optional members demand it. */
export function defined<T extends object>(members: { [K in keyof T]: T[K] | undefined }): T {
  const result: Partial<T> = {};
  for (const name of Object.keys(members) as (keyof T)[]) {
    if (members[name] !== undefined) result[name] = members[name];
  }
  return result as T;
}

/** The numbers among `names` as numbers, whatever they came as; everything else is left as it is. */
export function withNumbers(
  body: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Readonly<Record<string, unknown>> {
  const members = asObject(body);
  const read = names.map((name) => [name, asNumber(members[name])] as const).filter(([, value]) => value !== undefined);
  return { ...members, ...Object.fromEntries(read) };
}
