/** Licences that ask for no more than their text and a notice (https://spdx.org/licenses/). */
const ALLOWED = new Set([
  ...['MIT', 'MIT-0', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'BlueOak-1.0.0'],
  ...['Unlicense', 'CC0-1.0', 'Zlib', 'Python-2.0', 'blessing'],
]);

/**
 * Whether an SPDX licence expression leaves a choice that is on the list: one side of an OR, both sides of an AND (SPDX 2.3, annex D). What cannot be
 * read, such as `SEE LICENSE IN …` or an exception by WITH, is not allowed: a person has to look.
 */
export function isAllowedLicense(expression: string): boolean {
  const words = expression.match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;
  const either = (): boolean => {
    let allowed = both();
    while (words[at] === 'OR') {
      at++;
      allowed = both() || allowed;
    }
    return allowed;
  };
  const both = (): boolean => {
    let allowed = one();
    while (words[at] === 'AND') {
      at++;
      allowed = one() && allowed;
    }
    return allowed;
  };
  const one = (): boolean => {
    const word = words[at++];
    if (word !== '(') return word !== undefined && ALLOWED.has(word);
    const allowed = either();
    return words[at++] === ')' && allowed;
  };
  return either() && at === words.length;
}
