/** What lwi reads of a schema issue (valibot's `BaseIssue`). */
export interface SchemaIssue {
  readonly kind: string;
  readonly type: string;
  readonly message: string;
  readonly expected: string | null;
  readonly input: unknown;
  readonly path?: readonly { readonly key: unknown }[] | undefined;
}

/**
 * One problem of a config: where, and what was expected (the issue's message completes `expected …`). Never the value, which may
 * be a secret in the wrong place.
 */
export function describeProblem(issue: SchemaIssue): string {
  const where = pathOf(issue) || 'the whole file';
  if (issue.type === 'strict_object') {
    return issue.expected === 'never' ? `${where}: unknown key` : `${where}: is missing`;
  }
  const found = kindOf(issue.input);
  const tellsMore = issue.kind === 'schema' && found !== undefined && found !== 'text';
  return `${where}: expected ${issue.message}${tellsMore ? `, found ${found}` : ''}`;
}

/** `streams[0].page.type`, as jq writes it. */
function pathOf({ path = [] }: SchemaIssue): string {
  const steps = path.map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`));
  return steps.join('').replace(/^\./, '');
}

function kindOf(value: unknown): string | undefined {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  const kinds: Record<string, string> = {
    string: 'text',
    number: 'a number',
    boolean: 'true or false',
    object: 'an object',
  };
  return kinds[typeof value];
}
