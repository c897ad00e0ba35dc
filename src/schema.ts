import * as v from 'valibot';
import { describeProblem } from './config-problem.ts';
import { isSecureUrl } from './secure-url.ts';

/**
 * The words in which schemas are written; the only file that loads valibot, and itself loaded only when there is something to check. Each
 * message completes `expected …`.
 */
export { v };

/** A schema that gives a T. */
export type Schema<T> = v.GenericSchema<unknown, T>;

// valibot takes arrays for objects; JSON does not.
const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
/** Any object of JSON. */
export const anObject = v.custom<Record<string, unknown>>(isObject, 'an object');
/** Names that are members of every object in JavaScript, or that valibot drops from records. */
export const reserved = new Set(['constructor', 'prototype', '__proto__']);

/** An object with these members and no others. */
export const object = <const Entries extends v.ObjectEntries>(entries: Entries) =>
  v.pipe(anObject, v.strictObject(entries));
/** A member that may be absent. */
export const optional = v.exactOptional;
/** One of these words. */
export const oneOf = <const Options extends readonly string[]>(options: Options) =>
  v.picklist(options, `one of ${options.join(', ')}`);
/** Text with something in it. */
export const text = v.pipe(v.string('text'), v.nonEmpty('text that is not empty'));
/** Text of a form; `what` completes `expected …`. */
export const matching = (pattern: RegExp, what: string) => v.pipe(v.string(what), v.regex(pattern, what));
/** What a check of ours means in the words of JSON Schema, as far as it has some; the published schemas are made with it. */
export const published = <Input>(keywords: Readonly<Record<string, unknown>>) =>
  v.metadata<Input, { readonly jsonSchema: Readonly<Record<string, unknown>> }>({ jsonSchema: keywords });
/** Text that passes a check, which is about that of `pattern`; `what` completes `expected …`. */
export const checked = (check: (value: string) => boolean, what: string, pattern: RegExp) =>
  v.pipe(v.string(what), v.check(check, what), published({ pattern: pattern.source }));
/** A whole number from 1 up. */
export const count = (most: number) => {
  const what = `a whole number from 1 to ${most}`;
  return v.pipe(v.number(what), v.integer(what), v.minValue(1, what), v.maxValue(most, what));
};
/** True or false. */
export const flag = v.boolean('true or false');

const SECURE = 'an https URL (http on loopback hosts only), without user name, password or fragment';
// As people write it; `isSecureUrl` also takes what a parser makes sense of.
const ORIGIN = '(?:https://[^\\s/?#@]+|http://(?:localhost|127(?:\\.\\d{1,3}){3}|\\[::1\\])(?::\\d+)?)';
const URL_FORM = new RegExp(`^${ORIGIN}(?:[/?][^\\s#]*)?$`);
const BASE_FORM = new RegExp(`^${ORIGIN}(?:/[^\\s?#]*)?$`);
const orEmpty = (pattern: RegExp) => new RegExp(`^$|${pattern.source}`);
/** An address that lwi would send something to. */
export const url = checked(isSecureUrl, SECURE, URL_FORM);
/** The same, or empty, which counts as absent. */
export const endpoint = checked((value) => value === '' || isSecureUrl(value), SECURE, orEmpty(URL_FORM));
const isBase = (value: string) => isSecureUrl(value) && !value.includes('?');
/** What paths are appended to. */
export const baseUrl = checked(isBase, `${SECURE}, and without a query`, BASE_FORM);
/** The same, or empty. */
export const baseUrlOverride = checked((value) => value === '' || isBase(value), SECURE, orEmpty(BASE_FORM));

/** A record whose keys are checked and where none is dropped. */
export const record = <const Value extends v.GenericSchema>(key: v.GenericSchema<string, string>, value: Value) =>
  v.pipe(
    anObject,
    v.check((entries) => Object.keys(entries).every((name) => !reserved.has(name)), 'no reserved names'),
    v.record(key, value),
    published({ allOf: [{ propertyNames: { not: { enum: [...reserved] } } }] }),
  );

/** A value that fits, or what does not, one sentence each: `providers.acme.oauth.grant: expected one of …`. */
export type Checked<T> = { readonly value: T } | { readonly problems: readonly string[] };

/** Checks a value by a schema. */
export function check<T>(schema: Schema<T>, value: unknown): Checked<T> {
  const result = v.safeParse(schema, value);
  return result.success ? { value: result.output } : { problems: result.issues.map(describeProblem) };
}
