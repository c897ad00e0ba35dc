import { v } from '../../../src/schema.ts';

/** A schema of any kind. */
export type AnySchema = v.GenericSchema;

/** What a command writes under `--json`: one document, or lines that are each an object. */
export interface Output {
  readonly form: 'document' | 'lines';
  /** When it writes this; half a sentence. */
  readonly when: string;
  readonly schema: AnySchema;
}

/** The words in which outputs are described. Each description says what it is, and the unit where there is one. */
export const text = (about: string) => v.pipe(v.string(), v.description(about));
export const number = (about: string) => v.pipe(v.number(), v.description(about));
export const flag = (about: string) => v.pipe(v.boolean(), v.description(about));
export const whole = (about: string) => v.pipe(v.number(), v.integer(), v.minValue(0), v.description(about));
export const ms = (about: string) => whole(`${about}, ms`);
export const time = (about: string) => v.pipe(v.string(), v.isoTimestamp(), v.description(about));
export const oneOf = <const Words extends readonly string[]>(words: Words, about: string) =>
  v.pipe(v.picklist(words), v.description(about));
/** Always this word. */
export const word = (value: string | number | boolean, about: string) => v.pipe(v.literal(value), v.description(about));
export const list = (item: AnySchema, about: string) => v.pipe(v.array(item), v.description(about));
export const texts = (about: string) => list(v.string(), about);
export const object = <Entries extends v.ObjectEntries>(entries: Entries, about?: string) =>
  about === undefined ? v.strictObject(entries) : v.pipe(v.strictObject(entries), v.description(about));
/** An object whose names are not known before. */
export const map = (value: AnySchema, about: string) => v.pipe(v.record(v.string(), value), v.description(about));
/** Whatever the provider sends. */
export const anything = (about: string) => v.pipe(v.unknown(), v.description(about));
export const maybe = <Schema extends AnySchema>(schema: Schema) => v.exactOptional(schema);
/** One of several forms. */
export const either = (...forms: AnySchema[]) => v.union(forms);
/** Null where nothing is known. */
export const orNull = (schema: AnySchema, about: string) => v.pipe(v.nullable(schema), v.description(about));

export const provider = text('id of the provider');
export const account = text('account (tenant)');
export const environment = oneOf(['production', 'sandbox', 'mock'], 'environment of the provider');

export const document = (when: string, schema: AnySchema): Output => ({ form: 'document', when, schema });
export const lines = (when: string, schema: AnySchema): Output => ({ form: 'lines', when, schema });
