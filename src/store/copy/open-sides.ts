import { resolve } from 'node:path';
import { LwiError } from '../../errors.ts';
import type { CopySide, CopyTarget, CopyWay } from './copy-side.ts';
import { sameStore } from './copy-store.ts';

/** Where a store is: the URL of a PostgreSQL database, or the path of a file. */
export interface StorePlace {
  readonly text: string;
  /** What named it, for errors: `--from`, `LWI_DATABASE_URL`. */
  readonly source: string;
}

/** What is around the copy: what may name a password beside the URL, and who is told what a person should know of the way to a database. */
export interface CopySurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly homedir: () => string;
  warn(text: string): void;
  /** Told, again and again, that others are waited for who have `place` in use. */
  waiting(place: string): void;
}

/**
 * Looks at both places, then opens both databases, the source first, so that nothing is made at the target for a source that does not open, and nobody waits for one in
 * vain. Neither is used by anybody else from then on. Throws USAGE, and what opening a store throws.
 */
export async function openSides(
  from: StorePlace,
  to: StorePlace,
  around: CopySurroundings,
): Promise<{ source: CopySide; target: CopyTarget }> {
  const [readFrom, writeTo] = [await wayTo(from, around), await wayTo(to, around)];
  const read = await readFrom.lookAtSource();
  const write = await writeTo.lookAtTarget(read.location);
  if (read.location === write.location) throw sameStore(read.place);
  if (write.warning) around.warn(write.warning);
  const source = await readFrom.source();
  try {
    return { source, target: await writeTo.target() };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** Nothing is opened yet; what a URL says is checked. */
async function wayTo(place: StorePlace, around: CopySurroundings): Promise<CopyWay> {
  if (!isUrl(place)) {
    const { sqliteSide } = await import('../sqlite/copy-side.ts');
    return sqliteSide(asFile(place), around.waiting);
  }
  const { postgresSide } = await import('../postgres/copy-side.ts');
  return postgresSide(place.text, place.source, around);
}

/** `postgres:` in any spelling goes to the reader of URLs, which says what is wrong with it; it is no name of a file that anybody means. */
const isUrl = ({ text }: StorePlace) => /^([a-z][a-z0-9+.-]*:\/\/|postgres(ql)?:)/i.test(text);

function asFile({ text, source }: StorePlace): string {
  // Elsewhere `-` is stdin or stdout: nobody means a file of that name.
  if (text !== '' && text !== '-' && !text.includes('\0')) return resolve(text);
  throw new LwiError('USAGE', `${source} is no path of a file.`);
}
