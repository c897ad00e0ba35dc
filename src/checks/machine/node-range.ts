/**
 * Whether a version of Node is in a range as `engines` of package.json has it: `^22.22.2 || >=26.0.0`. Only `^` and `>=` with whole versions are
 * understood (https://docs.npmjs.com/cli/configuring-npm/package-json#engines); a part in another form fits nothing.
 */
export function inNodeRange(version: string, range: string): boolean {
  const numbers = numbersOf(version);
  return range.split('||').some((part) => {
    const [, sign, text = ''] = /^(\^|>=)(\d+\.\d+\.\d+)$/.exec(part.trim()) ?? [];
    const least = numbersOf(text);
    if (sign === undefined || compare(numbers, least) < 0) return false;
    return sign === '>=' || numbers[0] === least[0];
  });
}

/** A pre-release counts as the release that it leads to. */
function numbersOf(version: string): number[] {
  return version.split('-')[0]?.split('.').map(Number) ?? [];
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = [0, 1, 2].find((index) => a[index] !== b[index]);
  return at === undefined ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
