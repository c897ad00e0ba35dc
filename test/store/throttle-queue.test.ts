import { expect, test } from 'vitest';
import type { Bookkeeping, Work } from '../../src/store/postgres/throttle-batch.ts';
import { bookQueue } from '../../src/store/postgres/throttle-queue.ts';

/** Work under a rule of these numbers; those that know it by others do not share a transaction with it. */
function work(name: string, permits: number): Work<void> & { readonly name: string } {
  const rule = { name: 'rule', permits, perMs: 1000, burst: 1, concurrency: 1 };
  return { name, scope: 'acme/a', rules: [rule], buckets: [], run: () => {} };
}

const nameOf = (each: Work<unknown>) => (each as ReturnType<typeof work>).name;

test('at the end all work is done, also what cannot share a transaction, and what is too much for one', async () => {
  const transactions: string[][] = [];
  const queue = bookQueue(async (works) => {
    transactions.push(works.map(nameOf));
    return works.map(() => undefined);
  });
  const works = [work('a', 1), work('b', 2), work('c', 1), ...Array.from({ length: 100 }, (_, i) => work(`${i}`, 1))];
  const landings = works.map((each) => queue.addLanding(each));
  await queue.flush();
  await Promise.all(landings);
  expect(transactions.flat().toSorted()).toEqual(works.map(nameOf).toSorted());
  expect(transactions[0]).toHaveLength(100);
  expect(transactions.find((each) => each.includes('b'))).not.toContain('a');
});

test('what cannot be written at the end is told to all who wait for it', async () => {
  const away = new Error('away');
  const failing: Bookkeeping = () => Promise.reject(away);
  const queue = bookQueue(failing);
  const landings = [work('a', 1), work('b', 2)].map((each) => queue.addLanding(each).catch((error: unknown) => error));
  await expect(queue.flush()).rejects.toBe(away);
  expect(await Promise.all(landings)).toEqual([away, away]);
});
