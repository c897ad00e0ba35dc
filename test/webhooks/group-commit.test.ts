import { expect, test } from 'vitest';
import { groupCommit } from '../../src/webhooks/group-commit.ts';

/** Commits that the test can hold up; `batches` says what went together. */
function committing(most?: number) {
  const batches: number[][] = [];
  const accept = groupCommit(
    async (batch: readonly number[]) => {
      batches.push([...batch]);
      if (batch.includes(13)) throw new Error('unlucky');
      return batch.map((item) => item * 10);
    },
    { most },
  );
  return { batches, accept };
}

test('what comes in one turn is one commit, and each caller gets its own results', async () => {
  const { batches, accept } = committing();
  expect(await Promise.all([accept([1, 2]), accept([3]), accept([])])).toEqual([[10, 20], [30], []]);
  expect(batches).toEqual([[1, 2, 3]]);
});

test('what comes during a commit is the next one', async () => {
  const { batches, accept } = committing();
  const second = accept([1]).then(() => accept([2]));
  await second;
  expect(batches).toEqual([[1], [2]]);
});

test('a commit that fails fails those in it, and no later one', async () => {
  const { accept } = committing();
  const both = await Promise.allSettled([accept([1]), accept([13])]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await accept([2])).toEqual([20]);
});

test('a flood is several commits', async () => {
  const { batches, accept } = committing(4);
  const results = await Promise.all(Array.from({ length: 10 }, (_, at) => accept([at, at])));
  expect(results.flat()).toHaveLength(20);
  expect(batches.map(({ length }) => length)).toEqual([4, 4, 4, 4, 4]);
});

test('what is large does not wait for more: a commit is bounded by bytes too, and holds one caller at least', async () => {
  const batches: number[][] = [];
  const bytesOf = (item: number) => item;
  const accept = groupCommit(
    async (batch: readonly number[]) => {
      batches.push([...batch]);
      return batch;
    },
    { bytesOf, mostBytes: 100 },
  );
  await Promise.all([[60], [40], [1, 200], [1], [99], [101], [2]].map(accept));
  expect(batches).toEqual([[60, 40], [1, 200], [1, 99], [101], [2]]);
});

test('as many commits are under way at once as are allowed; what comes meanwhile is one', async () => {
  const gates: (() => void)[] = [];
  const batches: number[][] = [];
  const accept = groupCommit(
    async (batch: readonly number[]) => {
      batches.push([...batch]);
      await new Promise<void>((resolve) => gates.push(resolve));
      return batch;
    },
    { atOnce: 2 },
  );
  const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  const all = [accept([1])];
  await turn();
  all.push(accept([2]));
  await turn();
  all.push(accept([3]), accept([4]));
  await turn();
  expect(batches).toEqual([[1], [2]]);
  gates[0]?.();
  await turn();
  expect(batches).toEqual([[1], [2], [3, 4]]);
  for (const open of gates) open();
  expect(await Promise.all(all)).toEqual([[1], [2], [3], [4]]);
});
