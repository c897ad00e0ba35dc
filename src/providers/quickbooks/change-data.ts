import { LwiError } from '../../errors.ts';
import { asArray, asObject } from '../json-value.ts';
import type { Page, PageAnswer, PageRequest, SyncWindow } from '../provider.ts';
import { companyPath } from './api.ts';
import type { Entity } from './entities.ts';
import { queryRequest, secondOf } from './query.ts';
import { readRows } from './rows.ts';

/** Most objects that one answer of change data holds; there are no pages (developer.intuit.com, change data capture). */
const MOST_CHANGES = 1000;

/** Change data capture for one entity, so that its limit is not shared with others. */
export function changesRequest(entity: Entity, window: SyncWindow, since: number): PageRequest {
  return {
    method: 'GET',
    path: `${companyPath(window.externalId)}/cdc`,
    query: { entities: entity.name, changedSince: secondOf(since) },
    state: { feed: 'changes' },
  };
}

/**
 * Reads changes and deletions. An answer with as many objects as fit is perhaps cut short, and no second page can be asked for: the same
 * window is then queried, which finds every change but no deletion (NangoHQ/integration-templates PR #467).
 */
export function parseChanges(entity: Entity, page: PageAnswer): Page {
  const answers = asObject(page.body)['CDCResponse'];
  if (!Array.isArray(answers)) throw new LwiError('BAD_RESPONSE', 'the answer holds no CDCResponse');
  const groups = answers.flatMap((answer) => asArray(asObject(answer)['QueryResponse']));
  const rows = groups.flatMap((group) => asArray(asObject(group)[entity.name]));
  const read = readRows(entity, rows);
  const { since } = page.window;
  if (rows.length < MOST_CHANGES || since === undefined) return read;
  return {
    ...read,
    next: queryRequest(entity, page.window, { from: since, until: page.until, position: 1 }),
    coverage: [
      `More than ${MOST_CHANGES - 1} ${entity.stream} changed, the most that the change feed of QuickBooks gives: the changes were queried, ` +
        'but deletions beyond those in the feed are not covered.',
    ],
  };
}
