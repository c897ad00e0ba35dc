/** One `<target>; name="value"; …` of a Link header; quoted text may hold commas and semicolons. */
const LINK = /<([^<>]*)>((?:\s*;\s*[\w!#$&+.^`|~*-]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s,;"]+))?)*)\s*(?:,|$)/g;
const PARAMETER = /;\s*([\w!#$&+.^`|~*-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,;"]+)))?/g;

/** The target of the first link with relation `next`, not yet resolved; undefined when there is none (RFC 8288, 3). */
export function nextLink(header: string | undefined): string | undefined {
  for (const [, target, parameters = ''] of (header ?? '').matchAll(LINK)) {
    if (relations(parameters).includes('next')) return target;
  }
  return undefined;
}

/** Relations are compared without case; only the first `rel` counts (RFC 8288, 3.3). */
function relations(parameters: string): string[] {
  for (const [, name, quoted, bare] of parameters.matchAll(PARAMETER)) {
    if (name?.toLowerCase() === 'rel') return (quoted ?? bare ?? '').toLowerCase().split(/\s+/);
  }
  return [];
}
