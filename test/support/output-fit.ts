import { STDERR, strictOutputs } from '../reference/json-schemas.ts';
import { misfits, type Schema } from './json-schema.ts';

/**
 * Where a document does not fit what the reference says that `lwi <command> --json` writes `when` so: members that it does not name are
 * misfits too. Of lines the whole stdout is taken. Empty: it fits.
 */
export function outputMisfits(command: string, when: string, stdout: string): string[] {
  const found = strictOutputs(command).find((output) => output.when === when);
  if (!found) return [`the reference has no output of lwi ${command} ${JSON.stringify(when)}`];
  const texts = stdout.trimEnd().split('\n');
  if (found.form === 'document' && texts.length > 1) return ['it is not one document'];
  return texts.flatMap((text) => lineMisfits(found.schema, text));
}

/** The same of what stands on stderr: warnings, and the error at the end. */
export function stderrMisfits(stderr: string): string[] {
  const texts = stderr === '' ? [] : stderr.trimEnd().split('\n');
  return texts.flatMap((text) => lineMisfits(text.startsWith('{"warning"') ? STDERR.warning : STDERR.error, text));
}

function lineMisfits(schema: object, text: string): string[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [`no JSON: ${text.slice(0, 200)}`];
  }
  return misfits(value, schema as Schema).map((each) => `${each} in ${text.slice(0, 300)}`);
}
