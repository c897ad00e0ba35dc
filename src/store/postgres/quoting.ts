/** A name in a statement; a NUL, which no name has, is left out. */
export const quotedName = (name: string): string => `"${name.replaceAll('\0', '').replaceAll('"', '""')}"`;

/** A text in a statement, whatever `standard_conforming_strings` says of backslashes (https://www.postgresql.org/docs/current/sql-syntax-lexical.html). */
export function quotedText(text: string): string {
  const quoted = text.replaceAll('\0', '').replaceAll("'", "''");
  return quoted.includes('\\') ? ` E'${quoted.replaceAll('\\', '\\\\')}'` : `'${quoted}'`;
}
