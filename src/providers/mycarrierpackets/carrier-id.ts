import { asId, asObject } from '../json-value.ts';

/** The DOT number of a row, else its docket number (intrastate carriers have no DOT number). */
export function carrierId(row: Readonly<Record<string, unknown>>): string | undefined {
  return dotNumber(row) ?? known(row['DocketNumber'] ?? row['docketNumber']) ?? known(row['IntrastateNumber']);
}

/**
 * The DOT number of a row as text. It is an integer, a text or `{status, Value}`, and its name is spelled `DOTNumber`, `DotNumber` or `dotNumber`
 * (Swagger "v1").
 */
export function dotNumber(row: Readonly<Record<string, unknown>>): string | undefined {
  const dot = row['DOTNumber'] ?? row['DotNumber'] ?? row['dotNumber'];
  return known(asObject(dot)['Value'] ?? asObject(dot)['value'] ?? dot);
}

/** A zero stands for a number that is not there. */
function known(value: unknown): string | undefined {
  const id = asId(typeof value === 'string' ? value.trim() : value);
  return id === '0' ? undefined : id;
}
