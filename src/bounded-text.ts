/**
 * Text from outside that is stored or told: at most `most` UTF-16 units, cut between characters, and half a surrogate pair, which is no character (and which JSON of
 * PostgreSQL refuses), replaced by U+FFFD.
 */
export function boundedText(text: string, most: number): string {
  const cut = text.slice(0, most);
  return (text.length > most ? cut.replace(/[\ud800-\udbff]$/, '') : cut).toWellFormed();
}
