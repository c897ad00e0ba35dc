import type { Command, Option } from 'commander';
import { helpOffers } from './help-offers.ts';
import type { KnownNames } from './known-names.ts';
import { FILES, NO_OFFERS, type Offers, wordsOnly } from './offer.ts';
import { optionsOf, type TypedLine } from './typed-line.ts';
import { valueOffers } from './value-offers.ts';
import { wordOffers } from './word-offers.ts';

/** Everything that may stand at the cursor, whatever has been typed of the word already. */
export async function offersAt(line: TypedLine, names: KnownNames): Promise<Offers> {
  const { command, expected } = line;
  switch (expected.kind) {
    case 'option':
      return wordsOnly(allOptions(command).map(optionOffer));
    case 'value':
      return valueOffers(line, expected.option, names);
    case 'command':
      return wordsOnly(verbsOf(command));
    case 'help': {
      const { words, files } = await helpOffers(line);
      const verbs = line.args.length === 0 ? verbsOf(command) : [];
      const named = verbs.map(({ word }) => word);
      return { words: [...verbs, ...words.filter(({ word }) => !named.includes(word))], files };
    }
    case 'argument': {
      const offers = await wordOffers(line, expected.argument, names);
      return line.args.length === 0 ? { ...offers, words: [...verbsOf(command), ...offers.words] } : offers;
    }
    case 'foreign':
      return FILES;
    case 'nothing':
      return NO_OFFERS;
  }
}

function verbsOf(command: Command) {
  const help = command.createHelp();
  // A group's own `help` says what `--help` does.
  const verbs = help.visibleCommands(command).filter((verb) => !command.parent || verb.name() !== 'help');
  return verbs.map((verb) => ({ word: verb.name(), about: help.subcommandDescription(verb) }));
}

/** Those of the command first, with `--help`. */
function allOptions(command: Command): readonly Option[] {
  const own = command.createHelp().visibleOptions(command);
  return [...own, ...optionsOf(command).filter((option) => !option.hidden && !own.includes(option))];
}

/** Long names say what they do; short ones are for those who know them. */
function optionOffer({ long, short, description }: Option) {
  return { word: long ?? short ?? '', about: description };
}
