import { isObject } from '../../src/providers/json-value.ts';
import { type JsonSchema, STDERR, schemaFilesOf, strictOutputs } from './json-schemas.ts';
import { code, generated, page, table } from './markdown.ts';
import { OUTPUTS, WITHOUT_OUTPUT } from './outputs/outputs.ts';

/** What every command writes under `--json`. */
export function jsonPage(): string {
  return page(
    generated('JSON outputs', '`test/reference/outputs/`'),
    'Under `--json` a command writes one document to stdout, or lines that are an object each. Times are ISO-8601 in UTC, names that end in ' +
      '`Ms` are whole milliseconds. What is not known is left out; it is null where this page says so. Members are only ever added: a ' +
      'reader must pass over names, words and kinds of lines that it does not know. Each schema is a JSON Schema of draft 2020-12; a test ' +
      'compares them with what the commands write.',
    ...Object.entries(WITHOUT_OUTPUT).map(([command, why]) => `${code(`lwi ${command}`)} ${why}.`),
    '## stderr',
    'A command that fails ends with one line of this form. Schema: [error](json/error.schema.json).',
    members(STDERR.error),
    'Before it there may be lines of this form.',
    members(STDERR.warning),
    ...Object.keys(OUTPUTS).toSorted().flatMap(section),
  );
}

function section(command: string): string[] {
  const outputs = strictOutputs(command);
  const files = schemaFilesOf(command).map((file) => `[${file.replace('.schema.json', '')}](json/${file})`);
  return [
    `## lwi ${command}`,
    `Schema: ${files.join(', ')}.`,
    ...outputs.flatMap(({ form, when, schema }) => [
      `${form === 'lines' ? 'Lines' : 'A document'}, ${when}${listOf(schema)}.`,
      ...(Array.isArray(schema['anyOf']) ? schema['anyOf'].map(members) : [members(schema)]),
    ]),
  ];
}

function listOf({ items, description }: JsonSchema): string {
  return items === undefined ? '' : `: a list, ${String(description)}`;
}

function members(schema: JsonSchema): string {
  return table(
    ['member', 'type', 'what it is'],
    rows(schema, '').map(([path, type, about]) => [code(path), type, about]),
  );
}

type Row = readonly [path: string, type: string, about: string];

/** A row for each member, those of inner objects below it: `entities[].requests`. */
function rows(schema: JsonSchema, at: string): Row[] {
  const { properties, required = [], items, additionalProperties } = schema;
  if (isObject(items)) return rows(items, `${at}[]`);
  if (isObject(additionalProperties)) return rows(additionalProperties, joined(at, '<name>'));
  if (!isObject(properties)) return [];
  return Object.entries(properties).flatMap(([name, member]): Row[] => {
    if (!isObject(member)) return [];
    const path = joined(at, name);
    const missing = (required as string[]).includes(name) ? '' : ', may be absent';
    // Everywhere else it is the same again.
    const inner = name === 'error' && at !== '' ? [] : rows(member, path);
    return [[path, `${typeOf(member)}${missing}`, aboutOf(member)], ...inner];
  });
}

function joined(at: string, name: string): string {
  return at === '' ? name : `${at}.${name}`;
}

function aboutOf({ description, enum: words, const: only }: JsonSchema): string {
  const one = (value: unknown) => code(String(value));
  const choice = Array.isArray(words) && words.length <= MOST_WORDS ? words.map(one).join(', ') : '';
  const said = [String(description ?? ''), only === undefined ? choice : one(only)];
  return said.filter((part) => part !== '').join(': ');
}

/** The many codes of errors are on a page of their own. */
const MOST_WORDS = 12;

function typeOf(schema: JsonSchema): string {
  const { type, anyOf, items, format, const: only, enum: words } = schema;
  if (Array.isArray(anyOf)) return [...new Set(anyOf.map((one: JsonSchema) => typeOf(one)))].join(' or ');
  if (isObject(items)) return `list of ${typeOf(items)}`;
  if (format === 'date-time') return 'time';
  if (only !== undefined) return only === null ? 'null' : typeof only;
  if (words !== undefined) return 'word';
  return typeof type === 'string' ? (WORDS[type] ?? type) : 'anything';
}

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'true or false',
  integer: 'whole number',
};
