import { LwiError } from '../../errors.ts';
import { asArray, asNumber, asObject } from '../json-value.ts';
import type { Page, PageAnswer, PageRequest, StreamRecord, SyncWindow } from '../stream.ts';
import { companyPath } from './api.ts';
import type { Entity } from './entities.ts';
import { queryRequest, secondOf } from './query.ts';
import { readRows } from './rows.ts';

/** Most objects that one answer of change data holds; there are no pages (developer.intuit.com, change data capture). */
export const MOST_CHANGES = 1000;

/** Change data capture for one entity. */
export function changesRequest(entity: Entity, window: SyncWindow, since: number): PageRequest {
  return {
    method: 'GET',
    path: `${companyPath(window.externalId)}/cdc`,
    query: { entities: entity.name, changedSince: secondOf(since) },
    state: { feed: 'changes', since },
  };
}

/**
 * Reads changes and deletions. An answer with as many objects as fit is perhaps cut short, and no second page can be asked for. Where it is in the order
 * of change, the feed is asked again from its last change on. Where it is not (nobody documents an order), or a single second holds them all, a query of the same
 * window finds every change but no deletion (NangoHQ/integration-templates PR #467).
 */
export function parseChanges(entity: Entity, page: PageAnswer): Page {
  const rows = groupsOf(page.body).flatMap((group) => asArray(asObject(group)[entity.name]));
  const read = readRows(entity, rows);
  const { since } = page.window;
  if (rows.length < MOST_CHANGES || since === undefined) return read;
  const asked = asNumber(asObject(page.request.state)['since']) ?? since;
  const last = lastInOrder(read.records);
  if (last !== undefined && secondOf(last) > secondOf(asked)) {
    return { ...read, next: changesRequest(entity, page.window, last) };
  }
  return {
    ...read,
    incomplete: true,
    next: queryRequest(entity, page.window, { from: asked, until: page.until, position: 1 }),
    coverage: [
      `More than ${MOST_CHANGES - 1} records changed, the most that the change feed of QuickBooks gives: the changes were queried, ` +
        'but deletions beyond those in the feed are not covered; `lwi sync quickbooks --full` finds them.',
    ],
  };
}

/** One group of rows for each entity that was asked for. Throws BAD_RESPONSE. */
export function groupsOf(body: unknown): readonly unknown[] {
  const answers = asObject(body)['CDCResponse'];
  if (!Array.isArray(answers)) throw new LwiError('BAD_RESPONSE', 'the answer holds no CDCResponse');
  // A single group was also seen without its list.
  return answers.flatMap((answer) => asObject(answer)['QueryResponse'] ?? []);
}

/** The latest time of change when the records stand in its order, ms; else undefined. */
function lastInOrder(records: readonly StreamRecord[]): number | undefined {
  let last = Number.NEGATIVE_INFINITY;
  for (const { updatedAt } of records) {
    if (updatedAt === undefined || updatedAt < last) return undefined;
    last = updatedAt;
  }
  return Number.isFinite(last) ? last : undefined;
}
