import type { Company } from './company.ts';
import { quickbooksAnswer, validationFault } from './faults.ts';
import type { Table } from './table.ts';

/** How far back the feed looks, ms. */
const LOOK_BACK_MS = 30 * 86_400_000;
/** Most objects in one answer, of all entities together; there is no paging (developer.intuit.com, change data capture). */
const MOST_OBJECTS = 1000;

/**
 * `GET /cdc?entities=Invoice,Customer&changedSince=…`: what was changed or deleted since, oldest first. An entity without
 * changes is an empty object. A `changedSince` of more than 30 days ago fails (QuickBooksSharp #19).
 */
export function answerChanges(request: Request, company: Company, query: URLSearchParams, now: number): Response {
  const since = query.get('changedSince') ?? '';
  const at = Date.parse(since);
  if (Number.isNaN(at)) {
    return validationFault(
      request,
      now,
      '2020',
      'Required param missing, need to supply the required value for the API',
      'changedSince',
    );
  }
  if (at < now - LOOK_BACK_MS) {
    const detail = `Operation cdc with changedSince date ${since} which is older than fixed days is not supported.`;
    return validationFault(request, now, '500', 'Unsupported Operation', detail);
  }
  const names = (query.get('entities') ?? '').split(',').map((name) => name.trim());
  const tables: Table[] = [];
  for (const name of names) {
    const table = company.table(name);
    if (table?.entity.changeFeed !== true) {
      return validationFault(request, now, '2030', 'Invalid Enumeration : Invalid entity type', `entities: ${name}`);
    }
    tables.push(table);
  }
  let left = MOST_OBJECTS;
  const responses = tables.map((table) => {
    const rows = table.timeline.select({ from: at, hidden: 'include', deleted: true }, 0, left);
    left -= rows.length;
    if (rows.length === 0) return {};
    return { [table.name]: rows.map((row) => table.render(row)), startPosition: 1, maxResults: rows.length };
  });
  return quickbooksAnswer(request, { CDCResponse: [{ QueryResponse: responses }] }, now);
}
