import { LwiError } from '../../src/errors.ts';

/** Deepest path that is set. */
const DEEPEST = 32;

/**
 * Puts the value of a `path=value` into JSON, which is changed. The path is dotted, with numbers for the places of arrays; what is missing on the way is made. The
 * value is JSON where it is any, with the digits as written, else text; where a text stands a bare number stays one, because ids are made of digits. In an array
 * at the top a path that begins with a name goes to its first entry. Throws USAGE.
 */
export function setMember(root: unknown, assignment: string): unknown {
  const at = assignment.indexOf('=');
  const steps = assignment.slice(0, Math.max(at, 0)).split('.');
  if (at < 1 || steps.some((step) => step === '') || steps.length > DEEPEST)
    throw new LwiError('USAGE', `--set takes path=value, such as event.text=hello, not "${assignment.slice(0, 80)}".`);
  const path = Array.isArray(root) && !isPlace(steps[0] ?? '') ? ['0', ...steps] : steps;
  return withValue(root, path, assignment.slice(at + 1), []);
}

function withValue(
  current: unknown,
  [step, ...rest]: readonly string[],
  text: string,
  before: readonly string[],
): unknown {
  if (step === undefined) return typeof current === 'string' && NUMBER.test(text) ? text : readValue(text);
  const here = current ?? (isPlace(step) ? [] : Object.create(null));
  if (typeof here !== 'object' || isRaw(here)) throw misplaced(before, 'is neither an object nor an array');
  if (Array.isArray(here) && !(isPlace(step) && Number(step) <= here.length))
    throw misplaced(before, `is an array of ${here.length}, in which "${step}" is no place`);
  const next = withValue(Object.hasOwn(here, step) ? here[step] : undefined, rest, text, [...before, step]);
  // A plain assignment to `__proto__` would be one to the prototype.
  Object.defineProperty(here, step, { value: next, enumerable: true, configurable: true, writable: true });
  return here;
}

/** A number as JSON writes it (RFC 8259, 6). */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

const isPlace = (step: string) => /^(?:0|[1-9]\d{0,5})$/.test(step);

function misplaced(path: readonly string[], why: string): LwiError {
  return new LwiError('USAGE', `--set: ${path.length === 0 ? 'the body' : path.join('.')} ${why}.`);
}

type RawJson = typeof JSON & { rawJSON(text: string): unknown; isRawJSON(value: unknown): boolean };

function isRaw(value: unknown): boolean {
  return (JSON as RawJson).isRawJSON(value);
}

/** A double would lose digits of a long id. Not yet in TypeScript's library (tc39/proposal-json-parse-with-source). */
function readValue(text: string): unknown {
  const keepDigits = (_name: string, value: unknown, { source }: { source?: string }) =>
    typeof value === 'number' && source !== undefined ? (JSON as RawJson).rawJSON(source) : value;
  try {
    return JSON.parse(text, keepDigits as Parameters<typeof JSON.parse>[1]);
  } catch {
    return text;
  }
}
