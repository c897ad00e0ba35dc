import { LwiError } from '../../errors.ts';
import { shellWord } from '../../shell-word.ts';
import { parseNote } from './copy-side.ts';

/** A copy into the database `place` was begun and is not complete: it must not be taken for the whole. `note` is what the copy has left in it. */
export function unfinished(place: string, note: string): LwiError {
  const from = shellWord(parseNote(note).place);
  return new LwiError('STORE_UNFINISHED', `${place}: a copy into this database was begun and is not complete.`, {
    hint: `Run \`lwi store copy --from ${from} --to ${shellWord(place)}\`: it goes on.`,
  });
}
