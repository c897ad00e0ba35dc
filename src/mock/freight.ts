import { hashOf, pick } from './seeded-random.ts';

const FIRST = [
  'Blue Ridge',
  'Prairie',
  'Summit',
  'Ironwood',
  'Lakeshore',
  'Red Mesa',
  'Cascade',
  'Tidewater',
  'Heartland',
  'Granite',
];
const SECOND = [
  'Transport',
  'Freight Lines',
  'Logistics',
  'Carriers',
  'Trucking',
  'Express',
  'Haulage',
  'Motor Freight',
];
const SHIPPERS = [
  'Foods',
  'Steel Supply',
  'Paper Mills',
  'Beverage',
  'Building Products',
  'Produce',
  'Chemicals',
  'Furniture',
];
const FORMS = ['LLC', 'Inc', 'Co'];
const PLACES = [
  ['Chicago', 'IL', '60608'],
  ['Dallas', 'TX', '75207'],
  ['Atlanta', 'GA', '30336'],
  ['Columbus', 'OH', '43207'],
  ['Memphis', 'TN', '38118'],
  ['Fresno', 'CA', '93725'],
  ['Denver', 'CO', '80216'],
  ['Laredo', 'TX', '78045'],
  ['Harrisburg', 'PA', '17111'],
  ['Kansas City', 'MO', '64120'],
] as const;
const GIVEN = ['Pat', 'Maria', 'Devon', 'Ana', 'Chris', 'Lena', 'Omar', 'Grace', 'Tomas', 'Ruth'];
const FAMILY = ['Alvarez', 'Baker', 'Chen', 'Dawson', 'Eriksen', 'Farouk', 'Grant', 'Hughes', 'Ivanova', 'Jensen'];
const EQUIPMENT = ['Dry van', 'Reefer', 'Flatbed', 'Step deck', 'Power only'];

/** A city with state and postal code. */
export interface Place {
  readonly city: string;
  readonly state: string;
  readonly zip: string;
}

/** A load: what a brokerage buys from a carrier and sells to a shipper. Amounts in US dollars. */
export interface Load {
  readonly number: number;
  readonly from: Place;
  readonly to: Place;
  readonly equipment: string;
  readonly miles: number;
  /** What the shipper pays. */
  readonly revenue: number;
  /** What the carrier gets. */
  readonly cost: number;
}

/** Motor carrier number `index`; the number in the name keeps a million of them apart. */
export function carrierName(seed: number, index: number): string {
  const hash = hashOf(seed, 1, index);
  return `${pick(FIRST, hash)} ${pick(SECOND, hash >>> 8)}${ordinal(index)} ${pick(FORMS, hash >>> 16)}`;
}

export function shipperName(seed: number, index: number): string {
  const hash = hashOf(seed, 2, index);
  return `${pick(FIRST, hash)} ${pick(SHIPPERS, hash >>> 8)}${ordinal(index)} ${pick(FORMS, hash >>> 16)}`;
}

export function personName(seed: number, index: number): { readonly given: string; readonly family: string } {
  const hash = hashOf(seed, 3, index);
  return { given: pick(GIVEN, hash), family: pick(FAMILY, hash >>> 8) };
}

export function place(seed: number, index: number): Place {
  const [city, state, zip] = pick(PLACES, hashOf(seed, 4, index));
  return { city, state, zip };
}

export function load(seed: number, index: number): Load {
  const hash = hashOf(seed, 5, index);
  const miles = 180 + (hash % 1900);
  const cost = cents(350 + miles * (1.7 + ((hash >>> 11) % 90) / 100));
  return {
    number: 4000 + index,
    from: place(seed, index * 2),
    to: place(seed, index * 2 + 1),
    equipment: pick(EQUIPMENT, hash >>> 5),
    miles,
    revenue: cents(cost * (1.09 + ((hash >>> 19) % 12) / 100)),
    cost,
  };
}

export function lane({ from, to }: Load): string {
  return `${from.city}, ${from.state} to ${to.city}, ${to.state}`;
}

/** A North American number of the range that is kept for fiction (555-01xx). */
export function phone(seed: number, index: number): string {
  const hash = hashOf(seed, 6, index);
  return `(${200 + (hash % 700)}) 555-01${String(hash % 100).padStart(2, '0')}`;
}

function ordinal(index: number): string {
  return index < FIRST.length ? '' : ` ${index}`;
}

function cents(amount: number): number {
  return Math.round(amount * 100) / 100;
}
