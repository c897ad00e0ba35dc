/**
 * The value at a dotted path (`meta.next_cursor`, `items.0.id`) of parsed JSON; undefined when a step is not there. An
 * empty or absent path is the value itself. Only own members count, so that no path reaches a prototype.
 */
export function dottedValue(value: unknown, path: string | undefined): unknown {
  if (path === undefined || path === '') return value;
  let at = value;
  for (const step of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<string, unknown>)[step];
  }
  return at;
}
