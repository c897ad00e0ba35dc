interface GroupBounds<Item> {
  readonly most?: number | undefined;
  readonly mostBytes?: number | undefined;
  bytesOf?(item: Item): number;
  readonly atOnce?: number;
}

/**
 * Makes one commit of what comes together: in one turn of the event loop, or while the commit before is under way, so that a burst costs one wait for the disk and
 * the larger it is the more of it goes together. Each caller gets the results for its own items, once they are on disk, and the failure of its commit if there
 * was one. At most `most` items of `mostBytes` together go into one commit, but for those of one caller; `atOnce` commits may be under way, for one that queues them
 * itself: it has the next one at hand when it is done with the one before.
 */
export function groupCommit<Item, Result>(
  commit: (batch: readonly Item[]) => Promise<readonly Result[]>,
  { most = 500, mostBytes = Number.POSITIVE_INFINITY, bytesOf = () => 0, atOnce = 1 }: GroupBounds<Item> = {},
): (items: readonly Item[]) => Promise<readonly Result[]> {
  type Waiting = {
    readonly items: readonly Item[];
    readonly bytes: number;
    readonly resolve: (results: readonly Result[]) => void;
    readonly reject: (error: unknown) => void;
  };
  let waiting: Waiting[] = [];
  let underWay = 0;
  let scheduled = false;

  async function flush(): Promise<void> {
    scheduled = false;
    const now: Waiting[] = [];
    let size = 0;
    let bytes = 0;
    for (const each of waiting) {
      size += each.items.length;
      bytes += each.bytes;
      if (now.length > 0 && (size > most || bytes > mostBytes)) break;
      now.push(each);
    }
    waiting = waiting.slice(now.length);
    underWay += 1;
    schedule();
    try {
      const results = await commit(now.flatMap(({ items }) => items));
      let at = 0;
      for (const { items, resolve } of now) {
        resolve(results.slice(at, at + items.length));
        at += items.length;
      }
    } catch (error) {
      for (const { reject } of now) reject(error);
    }
    underWay -= 1;
    schedule();
  }

  function schedule(): void {
    if (scheduled || underWay >= atOnce || waiting.length === 0) return;
    scheduled = true;
    setImmediate(flush);
  }

  return (items) =>
    new Promise((resolve, reject) => {
      const bytes = items.reduce((sum, item) => sum + bytesOf(item), 0);
      waiting.push({ items, bytes, resolve, reject });
      schedule();
    });
}
