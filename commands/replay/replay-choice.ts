import { statSync } from 'node:fs';
import type { Context } from '../../src/context.ts';
import { isLwiError, LwiError } from '../../src/errors.ts';
import type { EventFilter } from '../../src/store/inbox-reading.ts';
import { recoverDeadTargets } from '../shared/dead-targets.ts';
import { demandNamedAccount, eventAccounts } from '../shared/event-accounts.ts';
import { findEvent } from '../shared/find-event.ts';
import { eachEvent, replayOfEvent } from './replay-events.ts';
import { eachCapture } from './replay-files.ts';
import type { ReplayItem, TakeItem } from './replay-item.ts';

export const ORDERS = ['received', 'given', 'newest'] as const;
export type ReplayOrder = (typeof ORDERS)[number];

/** What is to be sent. */
export interface ReplayWish {
  /** Files, directories, `-`, ids of events. */
  readonly words: readonly string[];
  /** All of the inbox in this standing, in place of words. */
  readonly all?: 'failed' | 'waiting' | undefined;
  /** Which events of the inbox; its provider is also that of captures that name none. */
  readonly filter: EventFilter;
  readonly order?: ReplayOrder | undefined;
  /** With `all`: events of several accounts may go. */
  readonly anyAccount?: boolean | undefined;
}

export interface ReplayChoice {
  /** Gives every item, in its order; can be called again, unless it is stdin. */
  each(take: TakeItem): Promise<void>;
  readonly stdin: boolean;
  /** What is given depends on what became of it the time before: that must have ended. */
  readonly changes?: true;
}

/** Bytes of bodies out of files that are held to bring them into another order. */
const MOST_HELD = 256 * 1024 * 1024;

/** Finds what is to be sent; ids that mean nothing are refused here, before anything goes. Throws INPUT_INVALID. */
export async function chooseReplays(context: Context, wish: ReplayWish): Promise<ReplayChoice> {
  const { words, all, filter } = wish;
  const { provider } = filter;
  if (all !== undefined) {
    const store = await context.existingStore();
    if (store && all === 'waiting') await recoverDeadTargets(store, context.clock.now());
    const wanted: EventFilter = all === 'failed' ? { standings: ['failed'] } : { forwards: ['received'] };
    // What comes meanwhile is not meant.
    const until = context.clock.now() + 1;
    const order = wish.order === 'newest' ? 'newest' : 'oldest';
    const of: EventFilter = { ...filter, ...wanted, until };
    if (store && !wish.anyAccount)
      demandNamedAccount(await eventAccounts(store, of, context.signal), 'would be sent to one address');
    return {
      ...{ stdin: false, changes: true },
      each: async (take) => (store ? eachEvent(store, of, order, take) : undefined),
    };
  }
  const sources: ((take: TakeItem) => Promise<void>)[] = [];
  for (const word of words) {
    if (word === '-' || isThere(word)) {
      sources.push((take) => eachCapture(context, word, provider, take));
      continue;
    }
    // Only once there is such an event: a mistyped name of a file must not make a database.
    const named = await eventNamed(context, word, provider);
    const item = replayOfEvent(await context.store(), named);
    sources.push((take) => take(item));
  }
  const given = async (take: TakeItem) => {
    for (const source of sources) await source(take);
  };
  const { order = 'given' } = wish;
  return { stdin: words.includes('-'), each: order === 'given' ? given : (take) => inOrder(given, order, take) };
}

async function eventNamed(context: Context, word: string, provider: string | undefined) {
  try {
    return await findEvent(context, word, provider);
  } catch (error) {
    if (!isLwiError(error, 'INPUT_INVALID')) throw error;
    throw new LwiError('INPUT_INVALID', `${word.slice(0, 200)} is no file. ${error.message}`, error.facts);
  }
}

/** What cannot even be looked at is no file: a name may be too long for one. */
function isThere(name: string): boolean {
  try {
    return statSync(name, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}

/** By the time at which they came; those that do not say it come last, as they were given. */
async function inOrder(given: ReplayChoice['each'], order: 'received' | 'newest', take: TakeItem): Promise<void> {
  const items: ReplayItem[] = [];
  let held = 0;
  await given(async (item) => {
    items.push(item);
    if (item.event) return;
    const loaded = await item.load();
    held += loaded instanceof LwiError ? 0 : loaded.body.length;
    if (held > MOST_HELD)
      throw new LwiError('USAGE', `--order ${order} holds all files in memory, and these are too large: leave it out.`);
  });
  const rank = ({ receivedAt }: ReplayItem) =>
    receivedAt === undefined ? Number.POSITIVE_INFINITY : order === 'newest' ? -receivedAt : receivedAt;
  for (const item of items.sort((one, other) => (rank(one) === rank(other) ? 0 : rank(one) - rank(other))))
    await take(item);
}
