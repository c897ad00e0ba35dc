/** Names of the entities that an operation below `/v3/company/{realm}/` is about: of its statement, of a change feed, or of a single row. */
export function entitiesOf(operation: string, query: URLSearchParams): readonly string[] {
  const from = /\bfrom\s+(\w+)/i.exec(query.get('query') ?? '')?.[1];
  if (operation === 'query') return from === undefined ? [] : [from];
  if (operation === 'cdc') return (query.get('entities') ?? '').split(',').map((name) => name.trim());
  return [operation];
}
