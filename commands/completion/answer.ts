import type { Command } from 'commander';
import type { Host } from '../../src/host.ts';
import { printable } from '../../src/printable.ts';
import { knownNames } from './known-names.ts';
import { NO_OFFERS, type Offer, type Offers } from './offer.ts';
import { offersAt } from './offers-at.ts';
import { readTypedLine, type TypedLine } from './typed-line.ts';

/** A description is there to tell words apart, not to be read whole, characters. */
const LONGEST_ABOUT = 100;

/** What the last line says, as in cobra, which other completers know: no files are wanted, and the order is to be kept. */
const NO_FILES = 4;
const KEEP_ORDER = 32;

/**
 * Answers the script of a shell, which runs `lwi complete -- <words…>` when somebody presses Tab: a line for each word that may stand at the cursor, with
 * its description behind a tab, and as the last one `:<number>` with the flags of https://github.com/spf13/cobra (`shell_completions`). Never an
 * error, and nothing on stderr: a shell would show it in the middle of the line.
 */
export async function answerCompletion(host: Host, program: Command, signal: AbortSignal): Promise<number> {
  let offers = NO_OFFERS;
  try {
    const line = readTypedLine(program, host.argv.slice(host.argv.indexOf('--') + 1));
    offers = fitting(await readOffers(host, line, signal), line);
  } catch {
    // Fewer words.
  }
  const lines = offers.words.map(({ word, about }) => (about === '' ? word : `${word}\t${about}`));
  const last = `:${KEEP_ORDER + (offers.files ? 0 : NO_FILES)}`;
  host.stdout.write(`${[...lines, last].join('\n')}\n`);
  return 0;
}

/** Obeys the global options on the line that is being typed, as the command would. */
async function readOffers(host: Host, line: TypedLine, signal: AbortSignal): Promise<Offers> {
  const { account, env, home } = line.values;
  const global = { json: false, quiet: true, verbosity: 0, input: false, color: false };
  // The shell gives the word as it is typed.
  const directory = home?.replace(/^~(?=\/|$)/, () => host.homedir()) ?? host.env['LWI_HOME'];
  const names = knownNames(host, { ...global, account, env, home: directory }, signal);
  try {
    return await offersAt(line, names);
  } finally {
    await names.close();
  }
}

/**
 * Words that go on from what is typed, each once. A name with control characters in it cannot be typed, and would break the lines of the answer; one that
 * begins with a dash would be taken for an option.
 */
function fitting({ words, files }: Offers, { word: typed, prefix, expected }: TypedLine): Offers {
  const mayBegin = (word: string) => expected.kind === 'option' || !word.startsWith('-');
  const found = new Map<string, Offer>();
  for (const { word, about } of words) {
    if (!word.startsWith(typed) || !mayBegin(word) || !isOneLine(word) || found.has(word)) continue;
    found.set(word, { word: prefix + word, about: printable(about).slice(0, LONGEST_ABOUT) });
  }
  return { words: [...found.values()], files };
}

function isOneLine(word: string): boolean {
  return word !== '' && !word.includes('\n') && printable(word) === word;
}
