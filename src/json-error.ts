/** Where a text stops being JSON, and what could have stood there. Line and column count from 1. */
export interface JsonError {
  readonly line: number;
  readonly column: number;
  readonly expected: string;
}

type Wanted = 'value' | 'element' | 'name' | 'member' | 'colon' | 'comma' | 'end';

type Bracket = '{' | '[';

const VALUE_NEXT: ReadonlySet<Wanted> = new Set(['value', 'element']);

const EXPECTED: Readonly<Record<Wanted, string>> = {
  value: 'a value',
  element: 'a value or ]',
  name: 'a name in double quotes',
  member: 'a name in double quotes or }',
  colon: 'a colon',
  comma: 'a comma or the closing bracket',
  end: 'nothing more',
};

const SCALAR = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/**
 * Finds the first error of a text that `JSON.parse` refused (RFC 8259): its messages do not always say where. Undefined when
 * there is none. A loop with a stack of its own, so that no nesting is too deep for it.
 */
export function findJsonError(text: string): JsonError | undefined {
  const open: Bracket[] = [];
  let wanted: Wanted = 'value';
  let at = skipBlanks(text, 0);
  while (at < text.length) {
    const char = text.charAt(at);
    if (closes(char, open.at(-1), wanted)) {
      open.pop();
      at++;
    } else if ((char === '{' || char === '[') && VALUE_NEXT.has(wanted)) {
      open.push(char);
      wanted = char === '{' ? 'member' : 'element';
      at = skipBlanks(text, at + 1);
      continue;
    } else {
      const token = readToken(text, at, wanted);
      if (token.problem !== undefined) return located(text, token.next, token.problem);
      at = token.next;
    }
    wanted = after(wanted, char, open.at(-1));
    at = skipBlanks(text, at);
  }
  return wanted === 'end' ? undefined : located(text, at, EXPECTED[wanted]);
}

/** What may follow what was wanted and found. */
function after(wanted: Wanted, char: string, inner: Bracket | undefined): Wanted {
  const closed = char === '}' || char === ']';
  if (!closed && (wanted === 'name' || wanted === 'member')) return 'colon';
  if (!closed && wanted === 'colon') return 'value';
  if (!closed && wanted === 'comma') return inner === '{' ? 'name' : 'value';
  return inner === undefined ? 'end' : 'comma';
}

/** One comma, colon, name or value without members. */
function readToken(text: string, at: number, wanted: Wanted): { next: number; problem?: string } {
  const char = text.charAt(at);
  if (wanted === 'comma' && char === ',') return { next: at + 1 };
  if (wanted === 'colon' && char === ':') return { next: at + 1 };
  const isName = wanted === 'name' || wanted === 'member';
  if (char === '"' && (isName || VALUE_NEXT.has(wanted))) return readString(text, at);
  SCALAR.lastIndex = at;
  if (VALUE_NEXT.has(wanted) && SCALAR.test(text)) return { next: SCALAR.lastIndex };
  return { next: at, problem: EXPECTED[wanted] };
}

function closes(char: string, inner: Bracket | undefined, wanted: Wanted): boolean {
  if (char === '}') return inner === '{' && (wanted === 'comma' || wanted === 'member');
  return char === ']' && inner === '[' && (wanted === 'comma' || wanted === 'element');
}

function readString(text: string, start: number): { next: number; problem?: string } {
  let at = start + 1;
  while (at < text.length) {
    const char = text.charAt(at);
    if (char === '"') return { next: at + 1 };
    if (char < ' ') return { next: at, problem: 'a double quote (a line break in text is written \\n)' };
    ESCAPE.lastIndex = at;
    if (char !== '\\') at++;
    else if (ESCAPE.test(text)) at = ESCAPE.lastIndex;
    else return { next: at, problem: 'a valid escape behind the backslash' };
  }
  return { next: at, problem: 'a closing double quote' };
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\n\r'.includes(text.charAt(at))) at++;
  return at;
}

function located(text: string, offset: number, expected: string): JsonError {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n'), expected };
}
