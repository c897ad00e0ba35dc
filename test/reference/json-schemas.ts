import { toJsonSchema } from '@valibot/to-json-schema';
import { isObject } from '../../src/providers/json-value.ts';
import { errorLine, warningLine } from './outputs/errors.ts';
import { OUTPUTS } from './outputs/outputs.ts';
import type { AnySchema, Output } from './outputs/words.ts';

/** A JSON Schema of draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';

/** An output with the schema that it fits exactly, without any other member. */
export interface StrictOutput extends Pick<Output, 'form' | 'when'> {
  readonly schema: JsonSchema;
}

/** The outputs of a command, strict. */
export function strictOutputs(command: string): readonly StrictOutput[] {
  return (OUTPUTS[command] ?? []).map(({ form, when, schema }) => ({ form, when, schema: strict(schema) }));
}

/** What stands on stderr under `--json`, strict: the last line of a command that failed, and lines before it. */
export const STDERR = { error: strict(errorLine), warning: strict(warningLine) };

/** The schemas that are published, by the name of their file: members that are not in them are allowed, because later versions add some. */
export function publishedSchemas(): Readonly<Record<string, JsonSchema>> {
  const files = Object.keys(OUTPUTS).flatMap((command) =>
    FORMS.flatMap(([form, ending, what]) => {
      const forms = strictOutputs(command).filter((output) => output.form === form);
      const title = `${what} of lwi ${command} --json`;
      return forms.length === 0 ? [] : [[schemaFile(command, ending), published(title, forms)] as const];
    }),
  );
  const error = { form: 'lines', when: 'when a command fails', schema: STDERR.error } as const;
  return Object.fromEntries([...files, ['error.schema.json', published('The error line on stderr', [error])]]);
}

/** The files with the schemas of a command; `lines`: each line fits it. */
export function schemaFilesOf(command: string): readonly string[] {
  const forms = new Set(OUTPUTS[command]?.map(({ form }) => form));
  return FORMS.flatMap(([form, ending]) => (forms.has(form) ? [schemaFile(command, ending)] : []));
}

const FORMS = [
  ['document', '.schema.json', 'The document'],
  ['lines', '.lines.schema.json', 'A line'],
] as const;

function schemaFile(command: string, ending: string): string {
  return `${command.replaceAll(' ', '-')}${ending}`;
}

function published(title: string, outputs: readonly StrictOutput[]): JsonSchema {
  const forms = outputs.map(({ when, schema }) => ({ ...loosened(schema), $comment: when }));
  const [only] = forms;
  return { $schema: DRAFT, title, ...(forms.length === 1 && only ? only : { anyOf: forms }) };
}

function strict(schema: AnySchema): JsonSchema {
  const { $schema: _, ...rest } = toJsonSchema(schema, { target: 'draft-2020-12' }) as JsonSchema;
  return rest;
}

/** The same without what forbids further members. */
function loosened(schema: JsonSchema): JsonSchema {
  const inner = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(inner) : isObject(value) ? loosened(value) : value;
  const kept = Object.entries(schema).filter(([name, value]) => !(name === 'additionalProperties' && value === false));
  return Object.fromEntries(kept.map(([name, value]) => [name, inner(value)]));
}
