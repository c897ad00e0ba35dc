import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import { readInput } from '../shared/read-input.ts';
import { nameValue } from './name-value.ts';
import type { ApiOptions } from './options.ts';

/** What goes out behind the headers, and its media type unless `-H` names another. */
export interface RequestBody {
  readonly bytes: string | Uint8Array;
  readonly type: string;
}

/** The body of the request, from `--input` or `-f`; undefined without either. Throws USAGE, INPUT_INVALID. */
export async function requestBody(
  context: Pick<Context, 'host' | 'signal'>,
  options: ApiOptions,
): Promise<RequestBody | undefined> {
  if (options.input !== undefined && options.field.length > 0)
    throw new LwiError('USAGE', 'Give -f or --input, not both.');
  if (options.input !== undefined) {
    return { bytes: await readInput(context, options.input), type: 'application/json' };
  }
  if (options.field.length === 0) return undefined;
  const fields = Object.fromEntries(options.field.map((pair) => nameValue(pair, '-f')));
  return { bytes: JSON.stringify(fields), type: 'application/json' };
}
