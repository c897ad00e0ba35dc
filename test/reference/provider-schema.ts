import { fileURLToPath } from 'node:url';
import { toJsonSchema } from '@valibot/to-json-schema';
import { configFile } from '../../src/config-schema.ts';
import { providerFile } from '../../src/provider-schema.ts';
import { isObject } from '../../src/providers/json-value.ts';
import type { Schema } from '../support/json-schema.ts';
import { table } from './markdown.ts';
import { CONFIG_NOTES, PROVIDER_NOTES, WEBHOOK_NOTES } from './provider-schema-notes.ts';

/** The page that explains the members. */
export const MEMBERS_PAGE = fileURLToPath(new URL('../../docs/adding-a-provider.md', import.meta.url));

/** Checks that JSON Schema has no words for; what they mean stands in the metadata behind them, where it can be said at all. */
const CHECKS = ['check', 'raw_check'];

/** The published schemas by file name: what lwi itself checks by, with what each member means. Draft 7, which all editors read. */
export function schemaPages(): Readonly<Record<string, string>> {
  const { $schema: _, ...provider } = described(converted(providerFile), notesOf());
  const { $schema, $defs, ...config } = converted(configFile, { provider: providerFile }) as Schema & { $defs: Schema };
  const whole = described(config, CONFIG_NOTES);
  return {
    'provider.schema.json': page({ $schema, title: 'A provider of your own for lwi', ...provider }),
    'config.schema.json': page({
      ...{ $schema, title: 'The config file of lwi' },
      ...whole,
      $defs: { provider: described($defs['provider'] as Schema, notesOf()) },
    }),
  };
}

/** The tables of docs/adding-a-provider.md by the names of their places there. */
function memberTables(): Readonly<Record<string, string>> {
  const rows = (notes: Readonly<Record<string, string>>) =>
    table(
      ['member', 'meaning'],
      Object.entries(notes).map(([member, note]) => [`\`${member}\``, note]),
    );
  return { members: rows(PROVIDER_NOTES), webhook: rows(WEBHOOK_NOTES) };
}

/** The page with its tables in their places, `<!-- table: members -->` to `<!-- end -->`. */
export function withMemberTables(text: string): string {
  const tables = memberTables();
  return text.replace(
    /(<!-- table: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, start: string, name: string, end: string) => `${start}\n${tables[name] ?? ''}\n\n${end}`,
  );
}

const notesOf = () => ({
  ...PROVIDER_NOTES,
  ...Object.fromEntries(Object.entries(WEBHOOK_NOTES).map(([name, note]) => [`webhook.${name}`, note])),
});

const page = (schema: Schema) => `${JSON.stringify(schema, null, 2)}\n`;

const without = (schema: object, name: string): object =>
  Object.fromEntries(Object.entries(schema).filter(([member]) => member !== name));

type Valibot = Parameters<typeof toJsonSchema>[0];

function converted(schema: Valibot, definitions: Record<string, Valibot> = {}): Schema {
  return toJsonSchema(schema, {
    ...{ target: 'draft-07', typeMode: 'output', definitions },
    overrideAction({ valibotAction, jsonSchema }) {
      const { type, metadata } = valibotAction as { type: string; metadata?: { jsonSchema?: object } };
      if (metadata?.jsonSchema) return { ...without(jsonSchema, 'jsonSchema'), ...metadata.jsonSchema };
      return CHECKS.includes(type) ? jsonSchema : undefined;
    },
  }) as Schema;
}

/** The schema with a description at every member. Throws for a member without a note, and for a note without a member. */
function described(schema: Schema, notes: Readonly<Record<string, string>>): Schema {
  const used = new Set<string>();
  const visit = (part: Schema, path: string): Schema => {
    const { properties, items, additionalProperties, oneOf, required, ...rest } = part;
    return {
      ...rest,
      ...(Array.isArray(required) && required.length > 0 ? { required } : {}),
      ...(isObject(properties) ? { properties: members(properties, path) } : {}),
      ...(isObject(items) ? { items: visit(items, `${path}[]`) } : {}),
      ...(Array.isArray(oneOf) ? { oneOf: oneOf.map((each: Schema) => visit(each, path)) } : {}),
      ...(additionalProperties === undefined
        ? {}
        : {
            additionalProperties: isObject(additionalProperties)
              ? visit(additionalProperties, `${path}.*`)
              : additionalProperties,
          }),
    };
  };
  const members = (properties: Schema, path: string) =>
    Object.fromEntries(
      Object.entries(properties).map(([name, member]) => {
        const at = path === '' ? name : `${path}.${name}`;
        const note = notes[at];
        if (note === undefined) throw new Error(`there is no note on ${at}`);
        used.add(at);
        return [name, { description: plain(note), ...visit(member as Schema, at) }];
      }),
    );
  const result = visit(schema, '');
  const stray = Object.keys(notes).filter((path) => !used.has(path));
  if (stray.length > 0) throw new Error(`there is nothing at ${stray.join(', ')}`);
  return result;
}

/** Editors show text, not links. */
function plain(note: string): string {
  const text = note.replace(/\[([^\]]+)\]\([^)]+\)/g, '$1');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`.replace(/\.\.$/, '.');
}
