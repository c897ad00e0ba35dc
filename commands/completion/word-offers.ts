import type { Argument } from 'commander';
import type { Provider } from '../../src/providers/provider.ts';
import { SECRET_NAMES } from '../secret/secret-names.ts';
import type { KnownNames } from './known-names.ts';
import { FILES, NO_OFFERS, type Offer, type Offers, wordsOnly } from './offer.ts';
import { SHELLS } from './shells.ts';
import type { TypedLine } from './typed-line.ts';

type ArgumentOffers = (line: TypedLine, names: KnownNames) => Offers | Promise<Offers>;

/** By the name of the argument, which means the same in every command. */
const ARGUMENTS: Readonly<Record<string, ArgumentOffers>> = {
  provider: providerOffers,
  providers: providerOffers,
  entity: entityOffers,
  event: async (line, names) => {
    const events = (await providerOn(line, names))?.webhook?.samples?.events ?? [];
    return wordsOnly(events.map(({ event, about }) => ({ word: event, about })));
  },
  'event-id': eventOffers,
  name: secretOffers,
  shell: () => wordsOnly(SHELLS),
  file: () => FILES,
  command: () => FILES,
  inputs: async (line, names) => {
    if (line.command.name() === 'replay') return { ...(await eventOffers(line, names)), files: true };
    const first = line.args.length === 0 && line.values['scheme'] === undefined;
    return first ? { ...(await providerOffers(line, names)), files: true } : FILES;
  },
};

/** What an argument takes; a path or the id of a record is the person's own. */
export async function wordOffers(line: TypedLine, argument: Argument, names: KnownNames): Promise<Offers> {
  return Object.hasOwn(ARGUMENTS, argument.name())
    ? ((await ARGUMENTS[argument.name()]?.(line, names)) ?? NO_OFFERS)
    : NO_OFFERS;
}

/** Commands for which it is of no use that a provider is connected. */
const UNCONNECTED = ['connect', 'mock', 'provider'];

/** Providers that are not on the line yet, connected ones first where the command works on connections. */
export async function providerOffers(line: TypedLine, names: KnownNames): Promise<Offers> {
  const { command, args } = line;
  const top = command.parent?.parent ? command.parent.name() : command.name();
  const connected = UNCONNECTED.includes(top) ? [] : await names.connected();
  const served = top === 'mock' ? ({ environments }: Provider) => environments.mock !== undefined : () => true;
  const offers = (await names.providers())
    .filter(({ id }) => !args.includes(id))
    .filter(served)
    .map(({ id, title }) => ({ id, title, first: connected.includes(id) }));
  const ordered = [...offers.filter(({ first }) => first), ...offers.filter(({ first }) => !first)];
  return wordsOnly(ordered.map(({ id, title, first }) => ({ word: id, about: first ? `${title}, connected` : title })));
}

/** Kinds of records of the provider on the line; where none is named, of those that are connected, or of all. */
export async function entityOffers(line: TypedLine, names: KnownNames): Promise<Offers> {
  const named = await providerOn(line, names);
  const connected = named ? [] : await names.connected();
  const all = await names.providers();
  const some = all.filter(({ id }) => connected.includes(id));
  const of = named ? [named] : some.length > 0 ? some : all;
  const words = of.flatMap(({ title, streams }) => streams.map(({ name }) => ({ word: name, about: title })));
  return wordsOnly(words);
}

/** The provider that the words before the cursor name, as an argument or by `--provider`. */
export async function providerOn({ args, values }: TypedLine, names: KnownNames): Promise<Provider | undefined> {
  const all = await names.providers();
  return all.find(({ id }) => id === values['provider']) ?? all.find(({ id }) => id === args[0]);
}

async function eventOffers({ word, values, args }: TypedLine, names: KnownNames): Promise<Offers> {
  const events = await names.events({ provider: values['provider'], key: word });
  return wordsOnly(events.filter((offer) => !args.includes(offer.word)));
}

/** What is kept can be removed; what lwi looks up can be set. */
async function secretOffers({ command, args: [provider] }: TypedLine, names: KnownNames): Promise<Offers> {
  if (command.name() === 'set') return wordsOnly(SECRET_NAMES);
  const kept: readonly Offer[] = provider === undefined ? [] : await names.secrets(provider);
  return wordsOnly(kept.length > 0 ? kept : SECRET_NAMES);
}
