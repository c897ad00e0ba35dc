import { type FakeStream, sameStream } from '../provider-fake.ts';
import { hashOf } from '../seeded-random.ts';
import type { MockSettings } from '../settings.ts';
import { ENTITIES } from './entities.ts';
import { createTable, idOf, indexOf, type Table } from './table.ts';

/** The two companies that the authorization page offers. */
export const COMPANIES = [
  { id: '9130000000000001', name: 'Laneweaver Freight LLC' },
  { id: '9130000000000002', name: 'Laneweaver Logistics Canada Inc' },
] as const;

/** The books of one company. */
export interface Company {
  readonly realm: string;
  readonly name: string;
  table(entity: string): Table | undefined;
  /** The same, whatever the case: in paths entities are written in lower case. */
  entity(name: string): Table | undefined;
  /** For the control endpoints: any spelling of an entity or its plural. */
  stream(name: string): FakeStream | undefined;
}

/** A company with all its tables; the same settings give the same books. */
export function createCompany(settings: MockSettings, realm: string, name: string): Company {
  const seed = hashOf(settings.seed, Number(realm.slice(-6)));
  const tables = new Map<string, Table>();
  for (const [entityName, entity] of ENTITIES) tables.set(entityName, createTable(settings, seed, entityName, entity));
  return {
    realm,
    name,
    table: (entity) => tables.get(entity),
    entity: (wanted) => [...tables.values()].find((table) => table.name.toLowerCase() === wanted.toLowerCase()),
    stream(wanted) {
      const table = [...tables.values()].find((one) => sameStream(one.name, wanted));
      if (table === undefined) return undefined;
      return {
        timeline: table.timeline,
        onDelete: table.entity.kind === 'list' ? 'hide' : 'remove',
        addStepMs: 0,
        idOf,
        indexOf,
        render: table.render,
      };
    },
  };
}
