import { LwiError } from '../errors.ts';
import type { PageRequest } from '../providers/provider.ts';

/**
 * Notices that the pages of a window go round in a circle (a page token that was given before), however long the circle is, and keeps one
 * request only: Brent's algorithm compares each request with one that is moved on at powers of two. Call it with every next
 * request; throws BAD_RESPONSE.
 */
export function circleGuard(stream: string, first: PageRequest): (next: PageRequest) => void {
  let landmark = JSON.stringify(first);
  let reach = 1;
  let steps = 0;
  return (next) => {
    const text = JSON.stringify(next);
    if (text === landmark) {
      throw new LwiError(
        'BAD_RESPONSE',
        `The pages of ${stream} go round in a circle: the provider repeats a page token.`,
      );
    }
    steps += 1;
    if (steps < reach) return;
    landmark = text;
    reach *= 2;
    steps = 0;
  };
}
