/** Headers of a captured or received request; a name that came several times has several values. Any case of names. */
export type HeaderBag = Readonly<Record<string, string | readonly string[]>>;

/** Every value of `name` (lower case), whatever the case in the bag; two spellings of one name count as two values. */
export function headerValues(headers: HeaderBag, name: string): string[] {
  const found: string[] = [];
  for (const key of Object.keys(headers)) {
    if (key.length !== name.length || key.toLowerCase() !== name) continue;
    const value = headers[key] ?? [];
    if (typeof value === 'string') found.push(value);
    else found.push(...value);
  }
  return found;
}
