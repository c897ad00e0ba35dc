import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import { type Field, readFields } from './field.ts';
import { fieldTree } from './field-tree.ts';
import { nameValue } from './name-value.ts';
import type { ApiOptions } from './options.ts';
import { ownHeaders } from './own-headers.ts';

/** What the options say of a request, before it has a connection. */
export interface RequestParts {
  readonly method: string;
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Methods whose requests have no body: fields go into the query. */
const BODILESS: readonly string[] = ['GET', 'HEAD'];

/** What fetch refuses to send, and no API of this kind has (Fetch standard, forbidden methods). */
const REFUSED: readonly string[] = ['CONNECT', 'TRACE', 'TRACK'];

/**
 * Reads method, query, headers and body. Fields make a JSON body; where the method has none, or `--input` is the body, they go into the query, as with
 * `gh api`. Throws USAGE, and INPUT_INVALID for a file.
 */
export async function requestParts(
  context: Pick<Context, 'host' | 'signal'>,
  options: ApiOptions,
): Promise<RequestParts> {
  const given = [...options.field, ...options.typedField];
  const method = (options.method ?? (given.length > 0 || options.input !== undefined ? 'POST' : 'GET')).toUpperCase();
  if (!/^[A-Z]{3,10}$/.test(method) || REFUSED.includes(method))
    throw new LwiError('USAGE', `-X takes an HTTP method such as PUT, not "${options.method}".`);
  const bodiless = BODILESS.includes(method);
  if (bodiless && options.input !== undefined)
    throw new LwiError('USAGE', `A ${method} request has no body: leave out --input, or give -X POST.`);
  const stdin =
    given.filter(({ text, typed }) => typed && text.endsWith('=@-')).length + (options.input === '-' ? 1 : 0);
  if (stdin > 1) throw new LwiError('USAGE', 'stdin can be read once only: give - a single time.');
  const own = ownHeaders(options.header);
  const query = options.query.map((pair) => nameValue(pair, '--query'));
  const fields = await readFields(context, given);
  if (options.input !== undefined) {
    const { readInput } = await import('../shared/read-input.ts');
    const body = await readInput(context, options.input);
    return { method, query: [...query, ...pairs(fields)], headers: { ...JSON_TYPE, ...own }, body };
  }
  if (bodiless || fields.length === 0) return { method, query: [...query, ...pairs(fields)], headers: own };
  return { method, query, headers: { ...JSON_TYPE, ...own }, body: JSON.stringify(fieldTree(fields)) };
}

/** Unless `-H` names another. */
const JSON_TYPE = { 'content-type': 'application/json' };

function pairs(fields: readonly Field[]): [string, string][] {
  return fields.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value.text]]));
}
