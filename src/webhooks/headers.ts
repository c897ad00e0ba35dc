/** Headers of a captured or received request; a name that came several times has several values. Any case of names. */
export type HeaderBag = Readonly<Record<string, string | readonly string[]>>;

/** Every value of `name` (lower case), whatever the case in the bag; two spellings of one name count as two values. */
export function headerValues(headers: HeaderBag, name: string): string[] {
  const found: string[] = [];
  for (const [key, value] of Object.entries(headers)) {
    if (key.length !== name.length || key.toLowerCase() !== name) continue;
    if (typeof value === 'string') found.push(value);
    else found.push(...value);
  }
  return found;
}

/** Names in lower case, several values joined by `, ` (RFC 9110, 5.2): the shape that `readEvents` takes. */
export function flatHeaders(headers: HeaderBag): Record<string, string> {
  const flat = new Map<string, string>();
  for (const [key, value] of Object.entries(headers)) {
    const name = key.toLowerCase();
    const text = typeof value === 'string' ? value : value.join(', ');
    const before = flat.get(name);
    flat.set(name, before === undefined ? text : `${before}, ${text}`);
  }
  return Object.fromEntries(flat);
}
