import { pick } from '../seeded-random.ts';

/** A reference as QuickBooks writes them: id and name. */
export const reference = (value: number, name: string) => ({ value: String(value), name });

/** What an entity looks like and how the API treats it. */
export interface Entity {
  /** Name lists have `Active` and are never deleted, transactions can be (Java-SDK issue #19). */
  readonly kind: 'list' | 'transaction';
  /** Whether change data capture knows it (singer-io/tap-quickbooks `streams.py`). */
  readonly changeFeed: boolean;
  /** Most rows there are, however many the mock is asked for; absent: any number. */
  readonly most?: number;
  body(seed: number, index: number, changes: number): Record<string, unknown>;
}

/** A name list with bodies of its own. */
export const list = (body: Entity['body'], more: Partial<Entity> = {}): Entity => ({
  kind: 'list',
  changeFeed: true,
  body,
  ...more,
});

/** A short name list: these names and no more. */
export const named = (names: readonly string[], more: Partial<Entity> = {}): Entity =>
  list((_seed, index) => ({ Name: pick(names, index) }), { most: names.length, ...more });

/** A transaction; a note tells how often it was changed, so that changed rows look changed. */
export const transaction = (body: Entity['body'], more: Partial<Entity> = {}): Entity => ({
  kind: 'transaction',
  changeFeed: true,
  body: (seed, index, changes) => ({
    DocNumber: String(10_000 + index),
    CurrencyRef: reference(0, 'United States Dollar'),
    ...(changes > 0 ? { PrivateNote: `changed ${changes} times` } : {}),
    ...body(seed, index, changes),
  }),
  ...more,
});
