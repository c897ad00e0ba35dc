/** Values of JSON where something else belongs; undefined stands for a member that is missing. */
export const MISFITS: readonly unknown[] = [
  undefined,
  null,
  '',
  ' ',
  'neither time nor id',
  '2026-13-45T99:00:00Z',
  { nested: { deeper: [1] } },
  // What is an object to JSON can be one that JavaScript makes no text of.
  { toString: 1, valueOf: 1 },
  [{ toString: 1, valueOf: 1 }],
  [],
  true,
  0,
  -1,
  1.5,
  1e300,
  2 ** 60,
  `1${'0'.repeat(400)}`,
  // Half of a character of two units.
  '\ud800',
  'a\u0000b',
];

/** How deep rows carry ids and times: `MetaData.LastUpdatedTime`, `CarrierDetails.dotNumber.Value`. */
const DEPTH = 3;

/** Where a misfit can be put in a row: the row itself, its members, and members of those that tell of ids and times. */
export function placesIn(row: unknown, depth = DEPTH): readonly (readonly string[])[] {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return [[]];
  return Object.entries(row).flatMap(([name, value]) => {
    const inside = depth > 1 && /meta|detail|number|edited/i.test(name) ? placesIn(value, depth - 1) : [];
    return [[name], ...inside.filter(({ length }) => length > 0).map((place) => [name, ...place])];
  });
}

/** The row with `value` in that place; what is not there is made. */
export function replaced(row: unknown, [name, ...left]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value;
  const members = row as Readonly<Record<string, unknown>>;
  return { ...members, [name]: replaced(members[name], left, value) };
}
