import type { Json } from '../stream.ts';

/** What is remembered of the pages of a window, as JSON in the request of the next page. Its size does not grow. */
type LoopState = { readonly mark: string; readonly steps: number; readonly power: number };

/**
 * Notices pages that go round in a circle of any length (R. P. Brent, "An improved Monte Carlo factorization algorithm",
 * BIT 20, 1980): each page is compared with a marked one, and the mark moves on after 1, 2, 4, … pages.
 * Returns the state to keep, or undefined when `page` was seen before.
 */
export function noteLoop(state: Json | undefined, page: string): LoopState | undefined {
  // Loaded on use: every command that names a provider loads this file, and node:crypto costs milliseconds.
  const { createHash } = process.getBuiltinModule('node:crypto');
  const seen = createHash('sha256').update(page).digest('base64url').slice(0, 16);
  if (!isLoopState(state)) return { mark: seen, steps: 0, power: 1 };
  if (state.mark === seen) return undefined;
  const steps = state.steps + 1;
  return steps < state.power ? { ...state, steps } : { mark: seen, steps: 0, power: state.power * 2 };
}

function isLoopState(state: Json | undefined): state is LoopState {
  return typeof state === 'object' && state !== null && 'mark' in state && 'steps' in state && 'power' in state;
}
