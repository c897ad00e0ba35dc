import { createTimeline } from '../computed-timeline.ts';
import { type MockSettings, pastOf } from '../settings.ts';
import type { Timeline, TimelineRow } from '../timeline.ts';
import { companyTime } from './company-time.ts';
import { type Content, type Entity, reference } from './entity.ts';

/** The rows of one entity. */
export interface Table {
  readonly name: string;
  readonly entity: Entity;
  readonly timeline: Timeline;
  /** A row as the API shows it; a deleted one as change data capture does. */
  render(row: TimelineRow): Record<string, unknown>;
  /** What can be written of a row, as it is now: without id, sync token and times. */
  contentOf(row: TimelineRow): Content;
  /** Makes a row, and gives it. */
  create(content: Content, now: number): TimelineRow;
  /** Puts another content in the place of that of a row, and gives the row as it is then. */
  replace(row: TimelineRow, content: Content, now: number): TimelineRow;
}

/** Row number `n` of a table, counted from 0, has the id `n + 1`. */
export const idOf = (index: number) => String(index + 1);
export const indexOf = (id: string) => (/^[1-9]\d{0,14}$/.test(id) ? Number(id) - 1 : undefined);

/** The rows of an entity in the books that `seed` makes. Only rows that were written are held. */
export function createTable(settings: MockSettings, seed: number, name: string, entity: Entity): Table {
  const isList = entity.kind === 'list';
  const timeline = createTimeline({
    ...pastOf(settings.clock.now()),
    count: Math.min(settings.records, entity.most ?? Infinity),
    // QuickBooks tells times to the second only, so rows share them.
    granularityMs: 1000,
    hiddenEvery: isList ? 20 : 0,
  });
  const written = new Map<number, { readonly content: Content; readonly version: number }>();

  const contentOf = (row: TimelineRow): Content => {
    const own = written.get(row.index);
    const since = row.version - (own?.version ?? 0);
    return {
      ...(isList ? {} : { TxnDate: companyTime(row.createdAt).slice(0, 10) }),
      ...(own?.content ?? entity.body(seed, row.index, row.version)),
      // Somebody else (a control) changed it after it was written: rows that changed look changed.
      ...(own !== undefined && since > 0 && !isList ? { PrivateNote: `changed ${since} times` } : {}),
      ...(isList ? { Active: !row.hidden } : {}),
    };
  };
  const put = (index: number, content: Content): TimelineRow => {
    const row = timeline.find(index);
    if (row === undefined) throw new RangeError(`${name} has no row ${index}`);
    written.set(index, { content, version: row.version });
    return row;
  };

  return {
    name,
    entity,
    timeline,
    contentOf,
    render(row) {
      const updated = companyTime(row.changedAt);
      if (row.deleted)
        return { domain: 'QBO', status: 'Deleted', Id: idOf(row.index), MetaData: { LastUpdatedTime: updated } };
      return {
        ...contentOf(row),
        domain: 'QBO',
        sparse: false,
        Id: idOf(row.index),
        SyncToken: String(row.version),
        MetaData: { CreateTime: companyTime(row.createdAt), LastUpdatedTime: updated },
      };
    },
    create(content, now) {
      const [index = 0] = timeline.add(1, now);
      const numbered = isList
        ? {}
        : { DocNumber: String(10_000 + index), CurrencyRef: reference(0, 'United States Dollar') };
      return put(index, { ...numbered, ...content });
    },
    replace(row, content, now) {
      const inactive = isList && (content['Active'] === false || content['Active'] === 'false');
      timeline.change([row.index], now, isList ? (inactive ? 'hide' : 'show') : 'touch');
      return put(row.index, content);
    },
  };
}
