/** Headers of a captured or received request; a name that came several times has several values. Any case of names. */
export type HeaderBag = Readonly<Record<string, string | readonly string[]>>;

/** Marks a bag whose names are all in lower case, so that one need not be searched for. */
const LOWER_CASE = Symbol('lower case');

/** Marks `headers`, whose names are all in lower case: receivers look into the same bag several times for each delivery. */
export function inLowerCase(headers: Record<string, string | readonly string[]>): HeaderBag {
  (headers as { [LOWER_CASE]?: true })[LOWER_CASE] = true;
  return headers;
}

/** Every value of `name` (lower case), whatever the case in the bag; two spellings of one name count as two values. */
export function headerValues(headers: HeaderBag, name: string): string[] {
  if (LOWER_CASE in headers) {
    const value = headers[name] ?? [];
    return typeof value === 'string' ? [value] : [...value];
  }
  const found: string[] = [];
  for (const key of Object.keys(headers)) {
    if (key.length !== name.length || key.toLowerCase() !== name) continue;
    const value = headers[key] ?? [];
    if (typeof value === 'string') found.push(value);
    else found.push(...value);
  }
  return found;
}
