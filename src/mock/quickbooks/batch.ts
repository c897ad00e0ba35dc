import type { Company } from './company.ts';
import { quickbooksAnswer, validationError, validationFault } from './faults.ts';
import { queryResult } from './query.ts';

/** Items of one batch (developer.intuit.com, limits page). */
const MOST_ITEMS = 30;

/**
 * Answers `POST /batch`: the queries of `BatchItemRequest` one after the other, each with its own result or Fault under the id it came with, inside
 * one 200 (developer.intuit.com, batch; tap-quickbooks `client.py` reads the faults of items). Other operations than queries are refused item by
 * item; the codes of these refusals are not documented.
 */
export async function answerBatch(request: Request, company: Company, now: number): Promise<Response> {
  const items = itemsOf(await request.text());
  if (items === undefined)
    return validationFault(request, now, '2020', 'Required param missing', 'BatchItemRequest must be a list of items.');
  if (items.length > MOST_ITEMS) {
    const detail = `The batch has ${items.length} items. At most ${MOST_ITEMS} are allowed.`;
    return validationFault(request, now, '1040', 'Batch size exceeded', detail);
  }
  return quickbooksAnswer(request, { BatchItemResponse: items.map((item) => answerItem(item, company)) }, now);
}

function answerItem(item: unknown, company: Company): Record<string, unknown> {
  const { bId, Query: query } = typeof item === 'object' && item !== null ? (item as Record<string, unknown>) : {};
  const id = typeof bId === 'string' ? { bId } : {};
  if (typeof query === 'string') return { ...queryResult(company, query), ...id };
  return { Fault: validationError('500', 'Unsupported Operation', 'Only queries are supported here.'), ...id };
}

function itemsOf(text: string): readonly unknown[] | undefined {
  try {
    const body: unknown = JSON.parse(text);
    const items = typeof body === 'object' && body !== null && 'BatchItemRequest' in body ? body.BatchItemRequest : [];
    return Array.isArray(items) && items.length > 0 ? items : undefined;
  } catch {
    return undefined;
  }
}
