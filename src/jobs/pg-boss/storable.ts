/**
 * Text as JSON of PostgreSQL takes it: without U+0000 and halves of surrogate pairs
 * (https://www.postgresql.org/docs/current/datatype-json.html); U+FFFD stands where they were.
 */
export function storableText(text: string): string {
  return text.replaceAll('\0', '\ufffd').toWellFormed();
}

/** The same for the values of an object, as JSON. Its names are lwi's own. */
export function storable<Of extends object>(value: Of): Of {
  return JSON.parse(JSON.stringify(value, (_, each) => (typeof each === 'string' ? storableText(each) : each)));
}
