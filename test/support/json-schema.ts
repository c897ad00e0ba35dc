/** A JSON Schema of the few keywords that lwi's streams are described with. */
export type Schema = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** RFC 3339 date-time, of a day and hour that exist. */
export function isDateTime(value: unknown): boolean {
  const [, day] = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i.exec(String(value)) ?? [];
  if (typeof value !== 'string' || day === undefined || Number.isNaN(Date.parse(value))) return false;
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}

const TYPES: ReadonlyMap<unknown, (value: unknown) => boolean> = new Map([
  ['null', (value: unknown) => value === null],
  ['boolean', (value: unknown) => typeof value === 'boolean'],
  ['string', (value: unknown) => typeof value === 'string'],
  ['integer', Number.isInteger],
  ['number', (value: unknown) => typeof value === 'number'],
  ['array', Array.isArray],
  ['object', isObject],
]);

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

/** What the argument of a keyword must be; and the schemas in it. */
const KEYWORDS: Readonly<
  Record<string, { takes: (argument: unknown) => boolean; inner?: (argument: unknown) => unknown[] }>
> = {
  type: { takes: (argument) => [argument].flat().length > 0 && [argument].flat().every((type) => TYPES.has(type)) },
  properties: { takes: isObject, inner: (argument) => Object.values(Object(argument)) },
  additionalProperties: {
    takes: (argument) => typeof argument === 'boolean' || isObject(argument),
    inner: (argument) => (isObject(argument) ? [argument] : []),
  },
  required: { takes: isTexts },
  items: { takes: isObject, inner: (argument) => [argument] },
  anyOf: {
    takes: (argument) => Array.isArray(argument) && argument.length > 0,
    inner: (argument) => [argument].flat(),
  },
  enum: { takes: Array.isArray },
  format: { takes: (argument) => argument === 'date-time' },
  $schema: { takes: (argument) => typeof argument === 'string' },
  title: { takes: (argument) => typeof argument === 'string' },
  description: { takes: (argument) => typeof argument === 'string' },
};

/** What is wrong with a schema; a keyword that is not known is, so that none goes unchecked. Empty: nothing. */
export function schemaFaults(schema: unknown): string[] {
  if (!isObject(schema)) return [`${JSON.stringify(schema)} is no schema`];
  return Object.entries(schema).flatMap(([name, argument]) => {
    const keyword = Object.hasOwn(KEYWORDS, name) ? KEYWORDS[name] : undefined;
    if (!keyword?.takes(argument)) return [`${name}: ${JSON.stringify(argument)} is not known`];
    return (keyword.inner?.(argument) ?? []).flatMap(schemaFaults);
  });
}

/** Where a value does not fit a schema that has no faults. Empty: it fits. */
export function misfits(value: unknown, schema: Schema, at = 'the record'): string[] {
  const { type, anyOf, enum: values, format } = schema;
  const wrong: string[] = [];
  if (type !== undefined && ![type].flat().some((one) => TYPES.get(one)?.(value))) {
    wrong.push(`${at} is not of type ${[type].flat().join(' or ')}`);
  }
  if (Array.isArray(values) && !values.includes(value)) wrong.push(`${at} is none of ${JSON.stringify(values)}`);
  // A format says something of texts only.
  if (format !== undefined && typeof value === 'string' && !isDateTime(value))
    wrong.push(`${at} is no date-time: ${value}`);
  if (Array.isArray(anyOf) && anyOf.every((one: Schema) => misfits(value, one, at).length > 0)) {
    wrong.push(`${at} fits none of anyOf`);
  }
  if (Array.isArray(value) && isObject(schema['items'])) {
    const { items } = schema;
    wrong.push(...value.flatMap((item, index) => misfits(item, items as Schema, `${at}[${index}]`)));
  }
  return isObject(value) ? [...wrong, ...memberMisfits(value, schema, at)] : wrong;
}

function memberMisfits(
  value: Schema,
  { properties = {}, additionalProperties = true, required = [] }: Schema,
  at: string,
) {
  const missing = (required as string[]).filter((name) => !Object.hasOwn(value, name));
  const members = Object.entries(value).flatMap(([name, member]) => {
    const own = Object.hasOwn(Object(properties), name) ? (properties as Schema)[name] : additionalProperties;
    if (own === false) return [`${at}.${name} is not in the schema`];
    return own === true ? [] : misfits(member, own as Schema, `${at}.${name}`);
  });
  return [...missing.map((name) => `${at}.${name} is missing`), ...members];
}
