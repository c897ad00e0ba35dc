/** The known name that is most like `name`, within two edits or begun by it; undefined when none is. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const lower = name.toLowerCase().slice(0, 64);
  let best: { name: string; edits: number } | undefined;
  for (const candidate of known) {
    const edits = lower.length >= 3 && candidate.startsWith(lower) ? 0 : editDistance(lower, candidate);
    if (edits <= 2 && edits < candidate.length && (best === undefined || edits < best.edits))
      best = { name: candidate, edits };
  }
  return best?.name;
}

/** The same as the end of a message: ` Did you mean sandbox?`, or nothing. */
export function didYouMean(name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  return near === undefined ? '' : ` Did you mean ${near}?`;
}

/** Levenshtein distance, by rows. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
