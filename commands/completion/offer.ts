/** A word that may stand where the cursor is. */
export interface Offer {
  readonly word: string;
  /** For people, one line; shells that show it do so beside the word. */
  readonly about: string;
}

/** What is offered at one place, in the order in which it is to be shown. */
export interface Offers {
  readonly words: readonly Offer[];
  /** Whether a file may stand there as well; the shell knows the names. */
  readonly files: boolean;
}

export const NO_OFFERS: Offers = { words: [], files: false };
export const FILES: Offers = { words: [], files: true };

export function wordsOnly(words: readonly (Offer | string)[]): Offers {
  return { words: words.map((word) => (typeof word === 'string' ? { word, about: '' } : word)), files: false };
}
