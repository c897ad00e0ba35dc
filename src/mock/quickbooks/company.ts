import { createTimeline } from '../computed-timeline.ts';
import { type FakeStream, sameStream } from '../provider-fake.ts';
import { hashOf } from '../seeded-random.ts';
import { type MockSettings, pastOf } from '../settings.ts';
import type { Timeline, TimelineRow } from '../timeline.ts';
import { ENTITIES } from './entities.ts';
import type { Entity } from './entity.ts';

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

/** The rows of one entity. */
export interface Table {
  readonly name: string;
  readonly entity: Entity;
  readonly timeline: Timeline;
  /** A row as the API shows it; a deleted one as change data capture does. */
  render(row: TimelineRow): Record<string, unknown>;
}

/** Offset of the companies' zone, ms: times are shown in it. */
const ZONE_MS = -8 * 3_600_000;

/** `2026-01-05T02:00:00-08:00`, or with milliseconds as in the `time` of an answer. */
export function companyTime(ms: number, precision: 'seconds' | 'milliseconds' = 'seconds'): string {
  return `${new Date(ms + ZONE_MS).toISOString().slice(0, precision === 'seconds' ? 19 : 23)}-08:00`;
}

/** Row number `n` of a table, counted from 0, has the id `n + 1`. */
const idOf = (index: number) => String(index + 1);
export const indexOf = (id: string) => (/^[1-9]\d{0,14}$/.test(id) ? Number(id) - 1 : undefined);

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
      };
    },
  };
}

function createTable(settings: MockSettings, seed: number, name: string, entity: Entity): Table {
  const isList = entity.kind === 'list';
  const timeline = createTimeline({
    ...pastOf(settings.clock.now()),
    count: Math.min(settings.records, entity.most ?? Infinity),
    // QuickBooks tells times to the second only, so rows share them.
    granularityMs: 1000,
    hiddenEvery: isList ? 20 : 0,
  });
  return {
    name,
    entity,
    timeline,
    render(row) {
      const updated = companyTime(row.changedAt);
      if (row.deleted)
        return { domain: 'QBO', status: 'Deleted', Id: idOf(row.index), MetaData: { LastUpdatedTime: updated } };
      return {
        ...entity.body(seed, row.index, row.version),
        ...(isList ? { Active: !row.hidden } : { TxnDate: companyTime(row.createdAt).slice(0, 10) }),
        domain: 'QBO',
        sparse: false,
        Id: idOf(row.index),
        SyncToken: String(row.version),
        MetaData: { CreateTime: companyTime(row.createdAt), LastUpdatedTime: updated },
      };
    },
  };
}
