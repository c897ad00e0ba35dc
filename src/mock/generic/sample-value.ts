import { carrierName, lane, load, personName, phone, place } from '../freight.ts';
import { hashOf, pick } from '../seeded-random.ts';

/** The row that a value is for. */
export interface SampleFor {
  readonly seed: number;
  readonly index: number;
  /** When the row was made, ms since the epoch. */
  readonly createdAt: number;
}

type Make = (of: SampleFor) => unknown;

const person = ({ seed, index }: SampleFor) => personName(seed, index);
const hash = ({ seed, index }: SampleFor, salt: number) => hashOf(seed, salt, index);

/** By what a name says, the first that fits. */
const BY_NAME: readonly (readonly [RegExp, Make])[] = [
  [/(^|_)(is|has)_|enabled$|active$|paid$/, (of) => hash(of, 11) % 3 > 0],
  [/e?mail/, (of) => `${person(of).given}.${person(of).family}@example.com`.toLowerCase()],
  [/phone|mobile/, ({ seed, index }) => phone(seed, index)],
  [/first_?name|given/, (of) => person(of).given],
  [/last_?name|family|surname/, (of) => person(of).family],
  [/(user|driver|owner|login|assignee|contact_?name|full_?name)/, (of) => `${person(of).given} ${person(of).family}`],
  [/city/, ({ seed, index }) => place(seed, index).city],
  [/(^|_)(zip|postal)/, ({ seed, index }) => place(seed, index).zip],
  [/(^|_)(region|province)/, ({ seed, index }) => place(seed, index).state],
  [/currency/, () => 'USD'],
  [/amount|total|price|rate|revenue|balance|cost|due$|value/, ({ seed, index }) => load(seed, index).revenue],
  [/miles|distance/, ({ seed, index }) => load(seed, index).miles],
  [/(_at|_on|date|time)$|^(created|updated|closed|started)/, ({ createdAt }) => new Date(createdAt).toISOString()],
  [/count|quantity|size/, (of) => hash(of, 12) % 20],
  [/status|state|stage/, (of) => pick(['open', 'in_transit', 'delivered', 'invoiced'], hash(of, 13))],
  [/type|kind|equipment/, ({ seed, index }) => load(seed, index).equipment],
  [/number|reference|code/, ({ seed, index }) => load(seed, index).number],
  [/url|link/, ({ index }) => `https://example.com/${index + 1}`],
  [/(^|_)id$/, (of) => String(100_000 + (hash(of, 14) % 900_000))],
  [/name|company|customer|carrier|title/, ({ seed, index }) => carrierName(seed, index)],
];

/** A value such as a member of that name might have; lanes where the name says nothing. */
export function sampleValue(name: string, of: SampleFor): unknown {
  const words = name.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
  const make = BY_NAME.find(([pattern]) => pattern.test(words))?.[1];
  return make === undefined ? lane(load(of.seed, of.index)) : make(of);
}
