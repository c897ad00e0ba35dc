/** One request that the mock answered. The query is left out: it may carry codes and tokens. */
export interface MockRequest {
  readonly method: string;
  readonly path: string;
  /** 0: the connection was cut instead of an answer. */
  readonly status: number;
  /** ms since the epoch, by the mock's clock. */
  readonly at: number;
}

/** The newest requests, and how many there were for each method and path. */
export interface RequestLog {
  readonly newest: readonly MockRequest[];
  readonly total: number;
  /** `POST /slack/api/users.list` -> number; what came after the first thousand different ones is under `other`. */
  counts(): Readonly<Record<string, number>>;
  add(request: MockRequest): void;
  clear(): void;
}

const KEPT = 10_000;
const COUNTED = 1_000;

export function createRequestLog(): RequestLog {
  const requests: MockRequest[] = [];
  const counts = new Map<string, number>();
  let total = 0;
  return {
    get newest() {
      return requests.slice(-KEPT);
    },
    get total() {
      return total;
    },
    counts: () => Object.fromEntries(counts),
    add(request) {
      total += 1;
      requests.push(request);
      // Cut now and then instead of at each request: moving ten thousand entries has its price.
      if (requests.length >= 2 * KEPT) requests.splice(0, requests.length - KEPT);
      const name = `${request.method} ${request.path}`;
      const key = counts.has(name) || counts.size < COUNTED ? name : 'other';
      counts.set(key, (counts.get(key) ?? 0) + 1);
    },
    clear() {
      requests.length = 0;
      counts.clear();
      total = 0;
    },
  };
}
