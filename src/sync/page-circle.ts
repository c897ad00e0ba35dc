import { LwiError } from '../errors.ts';

/**
 * Notices that the pages of a window go round in a circle (a page that came before), however long the circle is, and keeps one
 * mark only: Brent's algorithm compares each with one that is moved on at powers of two. A mark is JSON data: the request for a page, or
 * a fingerprint of its body. Call it with the mark of every next page; throws BAD_RESPONSE.
 */
export function circleGuard(what: string, first: object | string): (next: object | string) => void {
  let landmark = JSON.stringify(first);
  let reach = 1;
  let steps = 0;
  return (next) => {
    const text = JSON.stringify(next);
    if (text === landmark) {
      throw new LwiError('BAD_RESPONSE', `The pages of ${what} go round in a circle: the provider repeats a page.`);
    }
    steps += 1;
    if (steps < reach) return;
    landmark = text;
    reach *= 2;
    steps = 0;
  };
}
