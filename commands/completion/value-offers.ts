import type { Option } from 'commander';
import { ENVIRONMENTS } from '../../src/connection.ts';
import type { KnownNames } from './known-names.ts';
import { FILES, NO_OFFERS, type Offers, wordsOnly } from './offer.ts';
import type { TypedLine } from './typed-line.ts';
import { entityOffers, providerOffers, providerOn } from './word-offers.ts';

type ValueOffers = (line: TypedLine, names: KnownNames) => Offers | Promise<Offers>;

/** Placeholders of options whose value is a file or a directory, whatever the option is called. */
const FILE_PLACEHOLDERS = ['file', 'file.har', 'json', 'path', 'dir'];

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'];

/** By option and placeholder. Times, spans, numbers and addresses are the person's own. */
const VALUES: Readonly<Record<string, ValueOffers>> = {
  '--account <id>': async (_, names) => wordsOnly(await names.accounts()),
  '--env <name>': () => wordsOnly(ENVIRONMENTS),
  '--provider <id>': (line, names) => providerOffers(line, names),
  '--entity <name...>': (line, names) => entityOffers(line, names),
  '--output <format>': async () => wordsOnly((await import('../sync/options.ts')).FORMATS),
  '--format <form>': () => wordsOnly(['jsonl', 'csv']),
  '--format <name>': async (line, names) => wordsOnly((await providerOn(line, names))?.webhook?.samples?.formats ?? []),
  '--scheme <scheme>': async () => ({
    ...wordsOnly((await import('../../src/webhooks/presets.ts')).PRESET_NAMES),
    files: true,
  }),
  '--state <state>': async () => wordsOnly((await import('../../src/store/inbox-reading.ts')).EVENT_STANDINGS),
  '--order <order>': async () => wordsOnly((await import('../replay/replay-choice.ts')).ORDERS),
  '--method <method>': () => wordsOnly(METHODS),
  '--as <kind>': async (line, names) => {
    const variants = Object.entries((await providerOn(line, names))?.oauth.variants ?? {});
    return wordsOnly(variants.map(([word, { title }]) => ({ word, about: title })));
  },
  '--scope <scope...>': async (line, names) => wordsOnly((await providerOn(line, names))?.oauth.scopes ?? []),
};

/** What an option takes. */
export async function valueOffers(line: TypedLine, option: Option, names: KnownNames): Promise<Offers> {
  const placeholder = /[<[]([^>\]]+)[>\]]/.exec(option.flags)?.[1] ?? '';
  const known = VALUES[`${option.long} <${placeholder}>`];
  if (known) return known(line, names);
  return FILE_PLACEHOLDERS.includes(placeholder) ? FILES : NO_OFFERS;
}
