import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import type { FieldOption } from './options.ts';

/** One field, read. */
export interface Field {
  /** As it was written, brackets included: its name in a query. */
  readonly name: string;
  /** `a[b][]` is `a`, `b` and an empty one, which stands for a list. */
  readonly keys: readonly string[];
  /** Absent: `a[]` alone, an empty list. */
  readonly value?: FieldValue;
}

export interface FieldValue {
  /** For a query. */
  readonly text: string;
  /** For a JSON body: goes through `JSON.stringify`. */
  readonly json: unknown;
}

const FORM = /^([^[\]=]+)((?:\[[^[\]=]*\])*)(?:=(.*))?$/s;

/** A number as JSON writes it (RFC 8259, 6); an id with a leading zero is none. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

const LITERALS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** Reads `-f` and `-F` in the order in which they were given, as `gh api` reads them. Throws USAGE, and INPUT_INVALID for a file. */
export async function readFields(
  context: Pick<Context, 'host' | 'signal'>,
  options: readonly FieldOption[],
): Promise<Field[]> {
  const fields: Field[] = [];
  for (const option of options.toSorted((a, b) => a.place - b.place)) fields.push(await readField(context, option));
  return fields;
}

async function readField(context: Pick<Context, 'host' | 'signal'>, { text, typed }: FieldOption): Promise<Field> {
  const [, first = '', brackets = '', value] = FORM.exec(text) ?? [];
  const flag = typed ? '-F' : '-f';
  // Nothing but the words of brackets is repeated: what has no value may be one.
  if (first === '' || (value === undefined && brackets === ''))
    throw new LwiError('USAGE', `${flag} takes name=value, name[key]=value or name[]=value.`);
  const keys = [first, ...[...brackets.matchAll(/\[([^\]]*)\]/g)].map(([, key = '']) => key)];
  const name = `${first}${brackets}`;
  if (value !== undefined) return { name, keys, value: typed ? await typedValue(context, value) : plain(value) };
  if (keys.at(-1) !== '') throw new LwiError('USAGE', `${flag} ${name} has no value: write ${name}=value.`);
  return { name, keys };
}

const plain = (text: string): FieldValue => ({ text, json: text });

/** What `-F` makes of a value: a literal, a number with the digits that were written, the text of a file (`@-`: stdin), else text. */
async function typedValue(context: Pick<Context, 'host' | 'signal'>, text: string): Promise<FieldValue> {
  if (text.startsWith('@')) {
    const { readInput } = await import('../shared/read-input.ts');
    return plain(new TextDecoder().decode(await readInput(context, text.slice(1))));
  }
  if (LITERALS.has(text)) return { text: text === 'null' ? '' : text, json: LITERALS.get(text) };
  return NUMBER.test(text) ? { text, json: rawJson(text) } : plain(text);
}

/** A double would lose digits of a long id or amount. Not yet in TypeScript's library (tc39/proposal-json-parse-with-source). */
function rawJson(text: string): unknown {
  return (JSON as JSON & { rawJSON(text: string): unknown }).rawJSON(text);
}
