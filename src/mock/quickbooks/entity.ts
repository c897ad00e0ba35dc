import { pick } from '../seeded-random.ts';

/** A reference as QuickBooks writes them: id and name. */
export const reference = (value: number, name: string) => ({ value: String(value), name });

/** The members of a row that a client writes. */
export type Content = Readonly<Record<string, unknown>>;

/** What an entity looks like and how the API treats it. */
export interface Entity {
  /** Name lists have `Active` and are never deleted, transactions can be (Java-SDK issue #19). */
  readonly kind: 'list' | 'transaction';
  /** Whether change data capture knows it (singer-io/tap-quickbooks `streams.py`). */
  readonly changeFeed: boolean;
  /** Most rows there are, however many the mock is asked for; absent: any number. */
  readonly most?: number;
  /** Members that a new row must have (developer.intuit.com, API explorer, "required"). */
  readonly required: readonly string[];
  /** What the lines of a row add up to: its total, or its total and what is still owed of it. Absent: nothing. */
  readonly linesMake?: 'total' | 'balance';
  body(seed: number, index: number, changes: number): Record<string, unknown>;
}

/** A name list with bodies of its own. */
export const list = (body: Entity['body'], more: Partial<Entity> = {}): Entity => ({
  kind: 'list',
  changeFeed: true,
  required: ['DisplayName'],
  body,
  ...more,
});

/** A short name list: these names and no more. */
export const named = (names: readonly string[], more: Partial<Entity> = {}): Entity =>
  list((_seed, index) => ({ Name: pick(names, index) }), { most: names.length, required: ['Name'], ...more });

/** A transaction; a note tells how often it was changed, so that changed rows look changed. */
export const transaction = (body: Entity['body'], more: Partial<Entity> = {}): Entity => ({
  kind: 'transaction',
  changeFeed: true,
  required: [],
  body: (seed, index, changes) => ({
    DocNumber: String(10_000 + index),
    CurrencyRef: reference(0, 'United States Dollar'),
    ...(changes > 0 ? { PrivateNote: `changed ${changes} times` } : {}),
    ...body(seed, index, changes),
  }),
  ...more,
});
