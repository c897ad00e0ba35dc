/**
 * Headers by name as the pairs spell it, in their order; a name that comes several times keeps every value, because a verifier must see that. Any name is taken as
 * it is, `constructor` and `__proto__` too: such an object has members of its own only under the names that came.
 */
export function collectHeaders(
  pairs: Iterable<readonly [name: string, value: string]>,
): Record<string, string | string[]> {
  const bag = new Map<string, string | string[]>();
  for (const [name, value] of pairs) {
    const before = bag.get(name);
    bag.set(name, before === undefined ? value : [before, value].flat());
  }
  return Object.fromEntries(bag);
}
