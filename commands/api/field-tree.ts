import { LwiError } from '../../src/errors.ts';
import type { Field } from './field.ts';

/** Made without a prototype, so that a field may be called `__proto__`. */
type Tree = Record<string, unknown>;

/**
 * Fields as one JSON object, nested as `gh api` nests them: `a[b]=v` is a member of `a`, `a[]=v` one more of the list `a`, and `a[][b]=v` a member of
 * the last object of that list, or of a new one when that has the member already. Throws USAGE when one field contradicts another.
 */
export function fieldTree(fields: readonly Field[]): Tree {
  const root: Tree = Object.create(null);
  for (const field of fields) place(root, field);
  return root;
}

function place(root: Tree, { name, keys, value }: Field): void {
  let at = root;
  let [key = '', ...rest] = keys;
  for (;;) {
    const listed = rest[0] === '';
    const below = listed ? rest.slice(1) : rest;
    const [next, ...deeper] = below;
    if (next === undefined) break;
    if (next === '') throw new LwiError('USAGE', `The field ${name} cannot be read: a list directly in a list.`);
    at = listed ? lastOf(listAt(at, key, name), next) : objectAt(at, key, name);
    [key, rest] = [next, deeper];
  }
  if (rest[0] === '') {
    const list = listAt(at, key, name);
    if (value !== undefined) list.push(value.json);
    return;
  }
  if (Object.hasOwn(at, key)) throw new LwiError('USAGE', `The field ${name} is given twice.`);
  at[key] = value?.json;
}

function listAt(at: Tree, key: string, name: string): unknown[] {
  const there = at[key] ?? [];
  if (!Array.isArray(there)) throw contradiction(name);
  at[key] = there;
  return there;
}

function objectAt(at: Tree, key: string, name: string): Tree {
  const there = at[key] ?? Object.create(null);
  if (!isTree(there)) throw contradiction(name);
  at[key] = there;
  return there;
}

/** The object of a list that a member goes into: the last one, unless it has that member and that is no list. */
function lastOf(list: unknown[], key: string): Tree {
  const last = list.at(-1);
  if (isTree(last) && (!Object.hasOwn(last, key) || Array.isArray(last[key]))) return last;
  const made: Tree = Object.create(null);
  list.push(made);
  return made;
}

/** Not a number of `-F`, which is an object of its own kind. */
function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !Object.isFrozen(value);
}

function contradiction(name: string): LwiError {
  return new LwiError(
    'USAGE',
    `The field ${name} contradicts another one: it is both a value and a list or an object.`,
  );
}
