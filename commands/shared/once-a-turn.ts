/**
 * Asks once in a turn of the event loop, and gives all that ask in the same turn the same answer: so that a burst of deliveries does not read the same rows
 * for each of them, and nothing is remembered that could be out of date.
 */
export function onceATurn<Answer>(ask: () => Promise<Answer>): () => Promise<Answer> {
  let answer: Promise<Answer> | undefined;
  return () => {
    if (answer === undefined) {
      answer = ask();
      setImmediate(() => {
        answer = undefined;
      });
    }
    return answer;
  };
}
