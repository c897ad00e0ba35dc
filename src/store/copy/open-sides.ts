import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { LwiError } from '../../errors.ts';
import type { CopySide, CopyTarget } from './copy-side.ts';
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
}

/**
 * Opens both databases, the source first, so that nothing is made at the target for a source that is not there. Neither is used by anybody else from
 * then on. Throws USAGE, and what opening a store throws.
 */
export async function openSides(
  from: StorePlace,
  to: StorePlace,
  around: CopySurroundings,
): Promise<{ source: CopySide; target: CopyTarget }> {
  if (!isUrl(from) && !isUrl(to) && isSameFile(from.text, to.text)) throw sameStore(from.text);
  const [readFrom, writeTo] = [await sidesAt(from, around), await sidesAt(to, around)];
  const source = await readFrom.source();
  try {
    return { source, target: await writeTo.target() };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** Nothing is opened yet; what a URL says is checked. */
async function sidesAt(place: StorePlace, around: CopySurroundings) {
  if (!isUrl(place)) {
    const path = asFile(place);
    const { openSqliteSource, openSqliteTarget } = await import('../sqlite/copy-side.ts');
    return { source: async () => openSqliteSource(path), target: async () => openSqliteTarget(path) };
  }
  const { openPostgresSource, openPostgresTarget } = await import('../postgres/copy-side.ts');
  const { wayTo } = await import('../postgres/copy-session.ts');
  const way = wayTo(place.text, place.source, around);
  if (way.warning) around.warn(way.warning);
  return { source: () => openPostgresSource(way), target: () => openPostgresTarget(way) };
}

/** `postgres:` in any spelling goes to the reader of URLs, which says what is wrong with it; it is no name of a file that anybody means. */
const isUrl = ({ text }: StorePlace) => /^([a-z][a-z0-9+.-]*:\/\/|postgres(ql)?:)/i.test(text);

function asFile({ text, source }: StorePlace): string {
  if (text !== '' && !text.includes('\0')) return resolve(text);
  throw new LwiError('USAGE', `${source} is no path of a file.`);
}

/** Also by two names, over a link. Of what cannot be looked at, opening it says why. */
function isSameFile(a: string, b: string): boolean {
  try {
    const [one, other] = [a, b].map((path) => statSync(path, { throwIfNoEntry: false, bigint: true }));
    return one !== undefined && other !== undefined && one.ino === other.ino && one.dev === other.dev;
  } catch {
    return false;
  }
}
