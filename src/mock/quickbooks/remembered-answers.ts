/** Answers of writes by their request id. */
export interface RememberedAnswers {
  /** The answer that was given under this key before, or that of `act`, which is then done once and never again. */
  answer(key: string, act: () => Response): Promise<Response>;
}

/** Most answers that are kept; the oldest go first. */
const MOST_KEPT = 10_000;

/**
 * What makes a write idempotent: the same `requestid` gets the same answer (developer.intuit.com, `requestid`). Refusals are kept too: whether
 * Intuit does so is not documented, and a client that mends its request must take a new id to be sure.
 */
export function createRememberedAnswers(): RememberedAnswers {
  const kept = new Map<string, Promise<{ status: number; headers: [string, string][]; body: string }>>();
  return {
    async answer(key, act) {
      const held = kept.get(key) ?? dataOf(act());
      kept.set(key, held);
      const oldest = kept.size > MOST_KEPT ? kept.keys().next().value : undefined;
      if (oldest !== undefined) kept.delete(oldest);
      const { body, ...rest } = await held;
      return new Response(body, rest);
    },
  };
}

/** The answer as data, so that what the mock adds to one copy (its date) is in no other. */
async function dataOf(answer: Response) {
  return { status: answer.status, headers: [...answer.headers], body: await answer.text() };
}
