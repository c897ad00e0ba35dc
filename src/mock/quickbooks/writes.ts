import type { Company } from './company.ts';
import type { Content } from './entity.ts';
import { notFound, quickbooksAnswer, unsupported, validationFault } from './faults.ts';
import { createRememberedAnswers } from './remembered-answers.ts';
import { indexOf, type Table } from './table.ts';
import { settled, writable } from './written-content.ts';

interface Write {
  readonly request: Request;
  readonly table: Table;
  readonly given: Content;
  readonly now: number;
}

/**
 * Writes of one company's rows, `POST /<entity>`: without `Id` a new row, with it a full update (what is left out is cleared) or, with
 * `"sparse":true`, one of the given members only; `?operation=delete` deletes a transaction. Every write of a row names the `SyncToken` that
 * it read, and a stale one is 5010 with status 400. A repeat with the same `requestid` gets the first answer and does nothing.
 * Sources: developer.intuit.com, "create, update, delete"; node-quickbooks `index.js`.
 */
export function createWrites() {
  const remembered = createRememberedAnswers();

  return async function answerWrite(
    request: Request,
    company: Company,
    entity: string,
    query: URLSearchParams,
    now: number,
  ): Promise<Response> {
    const table = company.entity(entity);
    const operation = query.get('operation') ?? 'update';
    if (table === undefined || !['create', 'update', 'delete'].includes(operation))
      return unsupported(request, now, table === undefined ? entity : operation);
    if (!(request.headers.get('content-type') ?? '').startsWith('application/json'))
      return unsupported(request, now, `Content-Type ${request.headers.get('content-type')}`);
    const given = objectOf(await request.text());
    if (given === undefined)
      return validationFault(request, now, '2010', 'Request has invalid or unsupported property', 'No JSON object');
    const write = { request, table, given, now };
    const requestId = query.get('requestid');
    const act = () => (operation === 'delete' ? remove(write) : 'Id' in given ? update(write) : create(write));
    return requestId === null ? act() : remembered.answer(`${company.realm} ${requestId}`, act);
  };
}

function create({ request, table, given, now }: Write): Response {
  const content = settled(table.entity, writable(given), {});
  const missing = missingIn(table, content);
  if (missing !== undefined) return required(request, now, missing);
  return quickbooksAnswer(request, { [table.name]: table.render(table.create(content, now)) }, now);
}

function update({ request, table, given, now }: Write): Response {
  const row = currentRow({ request, table, given, now });
  if (row instanceof Response) return row;
  const before = table.contentOf(row);
  const wanted = given['sparse'] === true ? { ...before, ...writable(given) } : writable(given);
  const content = settled(table.entity, wanted, before);
  const missing = missingIn(table, content);
  if (missing !== undefined) return required(request, now, missing);
  return quickbooksAnswer(request, { [table.name]: table.render(table.replace(row, content, now)) }, now);
}

function remove({ request, table, given, now }: Write): Response {
  if (table.entity.kind === 'list') return unsupported(request, now, `delete ${table.name}`);
  const row = currentRow({ request, table, given, now });
  if (row instanceof Response) return row;
  table.timeline.change([row.index], now, 'remove');
  const gone = { domain: 'QBO', status: 'Deleted', Id: given['Id'] };
  return quickbooksAnswer(request, { [table.name]: gone }, now);
}

/** The row that a write names, if it is still as the writer read it. */
function currentRow({ request, table, given, now }: Write) {
  if (given['Id'] === undefined) return required(request, now, 'Id');
  const id = String(given['Id']);
  const index = indexOf(id);
  const row = index === undefined ? undefined : table.timeline.find(index);
  if (row === undefined || row.deleted) return notFound(request, now, id);
  if (given['SyncToken'] === undefined) return required(request, now, 'SyncToken');
  if (String(given['SyncToken']) === String(row.version)) return row;
  const detail =
    'Stale Object Error : You and somebody else were working on this at the same time. Somebody else finished before you did, so your work was not saved.';
  return validationFault(request, now, '5010', 'Stale Object Error', detail);
}

function missingIn({ entity }: Table, content: Content): string | undefined {
  return entity.required.find((name) => content[name] === undefined || content[name] === null || content[name] === '');
}

function required(request: Request, now: number, name: string): Response {
  const message = 'Required param missing, need to supply the required value for the API';
  return validationFault(request, now, '2020', message, `Required parameter ${name} is missing in the request`, name);
}

function objectOf(text: string): Content | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Content) : undefined;
  } catch {
    return undefined;
  }
}
