/**
 * Puts a value at a dotted path, making the objects on the way. What is there already stays: where two paths of a definition are in each other's way, the
 * first one counts.
 */
export function placeValue(target: Record<string, unknown>, path: string, value: unknown): void {
  const steps = path.split('.');
  const last = steps.pop() ?? path;
  let at = target;
  for (const step of steps) {
    if (!Object.hasOwn(at, step)) at[step] = {};
    const next = at[step];
    if (typeof next !== 'object' || next === null || Array.isArray(next)) return;
    at = next as Record<string, unknown>;
  }
  if (!Object.hasOwn(at, last)) at[last] = value;
}
