import { type Offers, wordsOnly } from './offer.ts';
import type { TypedLine } from './typed-line.ts';

/** What `lwi help` explains besides commands: its topics, and the error codes, which may stand behind `errors` too. */
export async function helpOffers({ args }: TypedLine): Promise<Offers> {
  const { TOPIC_NAMES } = await import('../help/topic-names.ts');
  const { TOPICS } = await import('../help/topics.ts');
  const { ERROR_FACTS } = await import('../help/error-facts.ts');
  const topics = TOPIC_NAMES.map((name) => ({ word: name, about: TOPICS[name].about }));
  const codes = ERROR_FACTS.map(({ code, meaning }) => ({ word: code, about: meaning }));
  return wordsOnly(args.length === 0 ? [...topics, ...codes] : codes);
}
