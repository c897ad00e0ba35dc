import { LwiError } from '../../src/errors.ts';
import { isObject } from '../../src/providers/json-value.ts';
import { readInput } from '../shared/read-input.ts';
import type { RecordableContext } from '../shared/recordable.ts';

/**
 * The bookmarks of a Singer STATE as `lwi sync --output singer` writes them, as the value alone or the last message of a stream: name of the Singer stream -> ms since the
 * epoch. Throws INPUT_INVALID.
 */
export async function readSingerState(context: RecordableContext, file: string): Promise<ReadonlyMap<string, number>> {
  const text = new TextDecoder().decode(await readInput(context, file));
  const bad = (what: string) => new LwiError('INPUT_INVALID', `${file} is no STATE of this tap: ${what}.`);
  const last = text.trim().split('\n').at(-1) ?? '';
  const parsed = parse(text) ?? parse(last);
  // An empty state is how a first run begins.
  if (text.trim() === '') return new Map();
  if (!isObject(parsed)) throw bad('it is no JSON object');
  const value = parsed['type'] === 'STATE' ? parsed['value'] : parsed;
  const bookmarks = isObject(value) ? (value['bookmarks'] ?? {}) : undefined;
  if (!isObject(bookmarks)) throw bad('it holds no bookmarks');
  return new Map(
    Object.entries(bookmarks).map(([stream, bookmark]) => {
      const at = isObject(bookmark) ? Date.parse(String(bookmark['replication_key_value'])) : Number.NaN;
      if (Number.isNaN(at)) throw bad(`the bookmark of ${stream} is no time`);
      return [stream, at];
    }),
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
