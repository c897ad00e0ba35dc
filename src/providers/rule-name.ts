/** Name of the rule behind a name of `Provider.limitsFor`: in `tier2:users.list` the part before the colon. */
export function ruleName(limit: string): string {
  return limit.split(':', 1)[0] ?? limit;
}
