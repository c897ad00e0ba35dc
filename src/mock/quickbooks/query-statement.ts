/** A select statement of the query endpoint, read. Times in ms, `startPosition` counted from 1. */
export interface QueryStatement {
  readonly entity: string;
  readonly counts: boolean;
  readonly conditions: readonly Condition[];
  readonly orderBy: { readonly property: string; readonly descending: boolean } | undefined;
  readonly startPosition: number;
  readonly maxResults: number;
}

export interface Condition {
  readonly property: string;
  readonly operator: '=' | '<' | '>' | '<=' | '>=' | 'in' | 'like';
  readonly values: readonly string[];
}

/** A statement that is none. `message` is written like the service's own. */
export class QueryParseError extends Error {}

const TOKEN = /\s*(?:'((?:[^'\\]|\\.)*)'|([A-Za-z_][\w.]*)|(-?\d+(?:\.\d+)?)|(<=|>=|[=<>(),*]))/y;

interface Token {
  readonly kind: 'text' | 'word' | 'number' | 'sign';
  readonly value: string;
}

/**
 * `SELECT * | count(*) | properties FROM Entity [WHERE a AND b] [ORDERBY p [ASC|DESC]] [STARTPOSITION n] [MAXRESULTS n]`. No OR, no
 * JOIN, quotes escaped by a backslash; 100 results unless told (developer.intuit.com, data queries; node-quickbooks README).
 * Throws QueryParseError.
 */
export function parseStatement(statement: string): QueryStatement {
  const tokens = tokenize(statement);
  let position = 0;
  const peek = () => tokens[position];
  const fail = (): never => {
    throw new QueryParseError(`QueryParserError: Encountered "${peek()?.value ?? '<EOF>'}" at token ${position + 1}.`);
  };
  const accept = (value: string) => {
    const token = peek();
    const found = token !== undefined && token.kind !== 'text' && token.value.toLowerCase() === value;
    if (found) position += 1;
    return found;
  };
  const expect = (value: string) => accept(value) || fail();
  const take = (...kinds: Token['kind'][]): string => {
    const token = peek();
    if (token === undefined || !kinds.includes(token.kind)) return fail();
    position += 1;
    return token.value;
  };

  const readCondition = (): Condition => {
    const property = take('word');
    if (accept('in')) {
      expect('(');
      const values = [take('text', 'word', 'number')];
      while (accept(',')) values.push(take('text', 'word', 'number'));
      expect(')');
      return { property, operator: 'in', values };
    }
    if (accept('like')) return { property, operator: 'like', values: [take('text')] };
    const operator = take('sign');
    if (operator !== '=' && operator !== '<' && operator !== '>' && operator !== '<=' && operator !== '>=')
      return fail();
    return { property, operator, values: [take('text', 'word', 'number')] };
  };

  expect('select');
  const counts = accept('count');
  if (counts) for (const sign of ['(', '*', ')']) expect(sign);
  else if (!accept('*')) {
    take('word');
    while (accept(',')) take('word');
  }
  expect('from');
  const entity = take('word');
  const conditions: Condition[] = [];
  if (accept('where')) {
    conditions.push(readCondition());
    while (accept('and')) conditions.push(readCondition());
  }
  let orderBy: QueryStatement['orderBy'];
  if (accept('orderby') || (accept('order') && expect('by'))) {
    const property = take('word');
    const descending = accept('desc');
    if (!descending) accept('asc');
    orderBy = { property, descending };
  }
  const startPosition = accept('startposition') ? Number(take('number')) : 1;
  const maxResults = accept('maxresults') ? Number(take('number')) : 100;
  if (position < tokens.length) fail();
  return { entity, counts, conditions, orderBy, startPosition, maxResults };
}

function tokenize(statement: string): Token[] {
  const tokens: Token[] = [];
  const text = statement.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw new QueryParseError(`QueryParserError: Lexical error at column ${at + 1}.`);
    const [, quoted, word, number, sign] = match;
    if (quoted !== undefined) tokens.push({ kind: 'text', value: quoted.replace(/\\(.)/g, '$1') });
    else if (word !== undefined) tokens.push({ kind: 'word', value: word });
    else if (number !== undefined) tokens.push({ kind: 'number', value: number });
    else if (sign !== undefined) tokens.push({ kind: 'sign', value: sign });
  }
  return tokens;
}
