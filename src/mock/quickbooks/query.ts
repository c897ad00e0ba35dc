import type { TimelineFilter } from '../timeline.ts';
import type { Company } from './company.ts';
import { quickbooksAnswer, validationError } from './faults.ts';
import { type Condition, parseStatement, QueryParseError, type QueryStatement } from './query-statement.ts';
import { indexOf, type Table } from './table.ts';

/** A statement that can be read but not run: code 4001. */
class InvalidQuery extends Error {}

const LAST_UPDATED = 'metadata.lastupdatedtime';
const MOST_RESULTS = 1000;

/** Answers a select statement; a fault has status 400. */
export function answerQuery(request: Request, company: Company, statement: string, now: number): Response {
  const result = queryResult(company, statement);
  return quickbooksAnswer(request, result, now, 'Fault' in result ? 400 : 200);
}

/** Runs a select statement. What cannot be parsed is a fault 4000, what cannot be run a fault 4001. */
export function queryResult(
  company: Company,
  statement: string,
): { QueryResponse: Record<string, unknown> } | { Fault: ReturnType<typeof validationError> } {
  try {
    return { QueryResponse: run(company, parseStatement(statement)) };
  } catch (error) {
    if (error instanceof QueryParseError)
      return { Fault: validationError('4000', 'Error parsing query', error.message) };
    if (error instanceof InvalidQuery) return { Fault: validationError('4001', 'Invalid query', error.message) };
    throw error;
  }
}

function run(company: Company, statement: QueryStatement): Record<string, unknown> {
  const { entity, startPosition, maxResults, orderBy } = statement;
  const table = company.table(entity);
  if (table === undefined) throw new InvalidQuery(`QueryValidationError: invalid context declaration: ${entity}`);
  if (startPosition < 1) {
    throw new InvalidQuery(
      `QueryValidationError: value ${startPosition} is too small. Min allowed value for startposition is 1`,
    );
  }
  if (maxResults < 0 || maxResults > MOST_RESULTS) {
    throw new InvalidQuery(
      `QueryValidationError: value ${maxResults} is out of range. Max allowed value for maxresults is ${MOST_RESULTS}`,
    );
  }
  // Sorting by Id ended in November 2025 (hackathon-starter #1510).
  if (orderBy !== undefined && orderBy.property.toLowerCase() !== LAST_UPDATED) {
    throw new InvalidQuery(`QueryValidationError: property ${orderBy.property} is not sortable`);
  }
  const { filter, ids } = readConditions(table, statement.conditions);
  if (ids !== undefined) return answerRows(table, statement, byId(table, ids, filter));
  const { timeline } = table;
  if (statement.counts) return { totalCount: timeline.count(filter) };
  const offset = startPosition - 1;
  if (orderBy?.descending !== true) return rowsOf(table, startPosition, timeline.select(filter, offset, maxResults));
  const end = timeline.count(filter) - offset;
  const start = Math.max(0, end - maxResults);
  return rowsOf(table, startPosition, end <= 0 ? [] : timeline.select(filter, start, end - start).reverse());
}

type Rows = ReturnType<Table['timeline']['select']>;

function answerRows(
  table: Table,
  { counts, startPosition, maxResults }: QueryStatement,
  rows: Rows,
): Record<string, unknown> {
  if (counts) return { totalCount: rows.length };
  return rowsOf(table, startPosition, rows.slice(startPosition - 1, startPosition - 1 + maxResults));
}

/** Without rows there is no member for the entity at all. */
function rowsOf(table: Table, startPosition: number, rows: Rows): Record<string, unknown> {
  if (rows.length === 0) return {};
  return { [table.name]: rows.map((row) => table.render(row)), startPosition, maxResults: rows.length };
}

function byId({ timeline }: Table, ids: readonly string[], filter: TimelineFilter): Rows {
  return [...new Set(ids)].flatMap((id) => {
    const index = indexOf(id);
    const row = index === undefined ? undefined : timeline.find(index);
    if (row === undefined || row.deleted) return [];
    const active = filter.hidden === 'include' || row.hidden === (filter.hidden === 'only');
    const inTime = row.at >= (filter.from ?? -Infinity) && row.at <= (filter.to ?? Infinity);
    return active && inTime ? [row] : [];
  });
}

function readConditions(
  table: Table,
  conditions: readonly Condition[],
): { filter: TimelineFilter; ids: string[] | undefined } {
  let [from, to] = [-Infinity, Infinity];
  // Inactive rows of name lists stay out unless they are asked for.
  let hidden: TimelineFilter['hidden'] = 'exclude';
  let ids: string[] | undefined;
  for (const { property, operator, values } of conditions) {
    const name = property.toLowerCase();
    if (name === LAST_UPDATED && operator !== 'in' && operator !== 'like') {
      const at = readTime(values[0] ?? '');
      if (operator === '>=' || operator === '=') from = Math.max(from, at);
      if (operator === '<=' || operator === '=') to = Math.min(to, at);
      if (operator === '>') from = Math.max(from, at + 1);
      if (operator === '<') to = Math.min(to, at - 1);
    } else if (name === 'active' && table.entity.kind === 'list' && (operator === 'in' || operator === '=')) {
      hidden = readActive(values);
    } else if (name === 'id' && (operator === 'in' || operator === '=')) {
      ids = [...values];
    } else {
      throw new InvalidQuery(`QueryValidationError: Property ${property} not found for Entity ${table.name}`);
    }
  }
  const bounds = { ...(from === -Infinity ? {} : { from }), ...(to === Infinity ? {} : { to }) };
  return { filter: { ...bounds, hidden }, ids };
}

function readActive(values: readonly string[]): 'exclude' | 'include' | 'only' {
  const wanted = new Set(values.map((value) => value.toLowerCase()));
  if ([...wanted].some((value) => value !== 'true' && value !== 'false')) {
    throw new InvalidQuery('QueryValidationError: Active is true or false');
  }
  if (wanted.size === 2) return 'include';
  return wanted.has('true') ? 'exclude' : 'only';
}

/** ISO 8601; a time without zone is taken as UTC. */
function readTime(text: string): number {
  const iso = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?)?(Z|[+-]\d\d:?\d\d)?$/.exec(text);
  const at = iso === null ? Number.NaN : Date.parse(iso[4] === undefined && iso[1] !== undefined ? `${text}Z` : text);
  if (Number.isNaN(at)) throw new InvalidQuery(`QueryValidationError: ${text} is not a date-time`);
  return at;
}
