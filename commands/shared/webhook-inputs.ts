import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '../../src/context.ts';
import { isLwiError, LwiError } from '../../src/errors.ts';
import { type Capture, readCapture } from '../../src/webhooks/capture.ts';
import { headerBag } from './header-lines.ts';
import { readInput } from './read-input.ts';

/** Every input as bytes read; a file that cannot be opened ends the command, one that cannot be understood is a verdict. */
export async function* webhookInputs(
  context: Context,
  options: { readonly body?: string; readonly header: readonly string[] },
  files: readonly string[],
): AsyncGenerator<[string, Capture | LwiError]> {
  if (options.body !== undefined) {
    const body = await readInput(context, options.body);
    yield [options.body, { method: 'POST', path: '/', headers: headerBag(options.header), body }];
    return;
  }
  for (const name of files) {
    for (const file of filesUnder(name)) {
      const bytes = await readInput(context, file);
      try {
        yield [file, readCapture(bytes)];
      } catch (error) {
        if (!isLwiError(error, 'INPUT_INVALID')) throw error;
        yield [file, error];
      }
    }
  }
}

function filesUnder(name: string): string[] {
  if (name === '-') return [name];
  if (!statSync(name, { throwIfNoEntry: false })?.isDirectory()) return [name];
  const entries = readdirSync(name, { withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(name, entry.name))
    .sort();
  // A check of nothing must not pass.
  if (files.length === 0) throw new LwiError('INPUT_INVALID', `There is no file in the directory ${name}.`);
  return files;
}
