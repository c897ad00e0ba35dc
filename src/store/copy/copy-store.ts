import { LwiError } from '../../errors.ts';
import { COPIED_TABLES, type CopiedTable } from './copied-tables.ts';
import type { CopySide, CopyTarget } from './copy-side.ts';
import { reconcile } from './reconcile.ts';
import { verifyTable } from './verify-table.ts';

/** What became of one table. */
export interface TableCopy {
  readonly name: string;
  readonly rows: number;
  /** Rows that this run wrote. */
  readonly copied: number;
  /** Rows that were read again on both sides at the end, and are the same. */
  readonly verified: number;
}

export interface StoreCopy {
  /** Whether it went on where an earlier one was broken off. */
  readonly resumed: boolean;
  readonly tables: readonly TableCopy[];
}

/** Told of each page that is done. */
export type CopyObserver = (step: {
  readonly doing: 'copying' | 'verifying';
  readonly table: string;
  readonly done: number;
  readonly total: number;
}) => void;

interface Sides {
  readonly source: CopySide;
  readonly target: CopyTarget;
}

/**
 * Copies all that lasts from one database into another one, empty or with a copy of the same source that was broken off, and compares every row at the end. Until
 * it is complete no other command opens the target. Nothing is decrypted. Throws USAGE for a target that may not be written over, STORE_UNFINISHED where a row
 * differs at the end, and the reason of `signal`.
 */
export async function copyStore(
  sides: Sides,
  {
    now,
    signal,
    observe,
  }: { readonly now: () => number; readonly signal: AbortSignal; readonly observe: CopyObserver },
): Promise<StoreCopy> {
  const { source, target } = sides;
  const resumed = target.note !== undefined;
  const totals = await countAll(source);
  await assertTarget(sides);
  const note = { from: source.identity.vaultId, place: source.place, startedAt: now() };
  // Somebody may have come and gone while rows were counted.
  if (!resumed) await target.begin(note, () => assertTarget(sides));
  const watch = (doing: 'copying' | 'verifying', table: CopiedTable) => (done: number) => {
    observe({ doing, table: table.name, done, total: totals.get(table) ?? done });
    signal.throwIfAborted();
  };
  const copied = new Map<CopiedTable, number>();
  for (const table of COPIED_TABLES) {
    copied.set(table, (await reconcile(table, sides, watch('copying', table))).copied);
  }
  const tables: TableCopy[] = [];
  for (const table of COPIED_TABLES) {
    const verified = await verifyTable(table, sides, watch('verifying', table));
    tables.push({ name: table.name, rows: verified, copied: copied.get(table) ?? 0, verified });
  }
  signal.throwIfAborted();
  await target.finish(await lastNumbers(source));
  return { resumed, tables };
}

async function countAll(source: CopySide): Promise<ReadonlyMap<CopiedTable, number>> {
  const counts = new Map<CopiedTable, number>();
  for (const table of COPIED_TABLES) counts.set(table, await source.count(table));
  return counts;
}

async function lastNumbers(source: CopySide): Promise<(readonly [CopiedTable, number])[]> {
  const numbers: (readonly [CopiedTable, number])[] = [];
  for (const table of COPIED_TABLES) if (table.numbered) numbers.push([table, await source.lastNumber(table)]);
  return numbers;
}

async function assertTarget({ source, target }: Sides): Promise<void> {
  if (source.identity.location === target.identity.location) throw sameStore(source.place);
  if (target.note) {
    if (target.note.from === source.identity.vaultId) return;
    throw new LwiError('USAGE', `${target.place} has the unfinished copy of another store than ${source.place}.`, {
      hint: 'Finish that copy with the command that began it, or name an empty place.',
    });
  }
  const counts = await countAll(target);
  const held = [...counts].filter(([{ name }, count]) => name !== 'meta' && count > 0);
  if (held.length === 0) return;
  const what = held.map(([{ name }, count]) => `${name}: ${count}`).join(', ');
  const same = source.identity.vaultId === target.identity.vaultId ? ', of the same store' : '';
  throw new LwiError('USAGE', `${target.place} is not empty${same} (${what}). Nothing was changed.`, {
    hint: 'Name a new file or an empty database with --to.',
  });
}

/** Source and target are one. */
export function sameStore(place: string): LwiError {
  return new LwiError('USAGE', `--from and --to are the same store: ${place}.`, {
    hint: 'Name the place to copy to, a file or postgres://user@host/database, with --to.',
  });
}
