/** Smallest index in [low, high) for which `holds` is true, else `high`; it must be false up to some index and true after. */
export function firstIndex(low: number, high: number, holds: (index: number) => boolean): number {
  let [from, to] = [low, high];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if (holds(middle)) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** How many of the sorted numbers are below `value`. */
export function below(sorted: readonly number[], value: number): number {
  return firstIndex(0, sorted.length, (position) => (sorted[position] ?? Infinity) >= value);
}

/** Puts a number at its place among the sorted ones. */
export function insert(sorted: number[], value: number): void {
  sorted.splice(below(sorted, value), 0, value);
}
