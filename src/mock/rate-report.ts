import type { HeaderStyle } from './fault-kind.ts';
import type { WindowState } from './rate-window.ts';

/**
 * Rate-limit headers in a vendor's style that tell the truth about windows; none without a window. Times are rounded up, so that nobody who waits
 * for them comes too early. `at` is the time that the answer's `Date` says, ms since the epoch.
 *
 * GitHub and X report one window, the tightest, and when all of it is free again as epoch seconds (docs.github.com, rate limits for the REST API;
 * docs.x.com, rate limits). The IETF draft reports all of them, and the seconds until the next permit
 * (draft-ietf-httpapi-ratelimit-headers-10, 3 and 4).
 */
export function rateReport(style: HeaderStyle, windows: readonly WindowState[], at: number): Record<string, string> {
  const [tightest] = [...windows].sort((a, b) => a.remaining - b.remaining || b.fullMs - a.fullMs);
  if (tightest === undefined) return {};
  if (style === 'ietf') {
    return {
      'ratelimit-policy': windows.map(policyOf).join(', '),
      ratelimit: windows.map((each) => `${nameOf(each)};r=${each.remaining};t=${seconds(each.nextMs)}`).join(', '),
    };
  }
  const { permits, remaining, fullMs } = tightest;
  const prefix = style === 'github' ? 'x-ratelimit' : 'x-rate-limit';
  return {
    [`${prefix}-limit`]: String(permits),
    [`${prefix}-remaining`]: String(remaining),
    [`${prefix}-reset`]: String(seconds(at + fullMs)),
    ...(style === 'github' ? { 'x-ratelimit-used': String(permits - remaining), 'x-ratelimit-resource': 'core' } : {}),
  };
}

/** A window is whole seconds or not said: a scaled one may be shorter than any. */
function policyOf(window: WindowState): string {
  const { permits, perMs } = window;
  return `${nameOf(window)};q=${permits}${Number.isInteger(perMs / 1000) ? `;w=${perMs / 1000}` : ''}`;
}

function nameOf({ permits, perMs }: WindowState): string {
  return `"${permits}-in-${Math.round(perMs)}ms"`;
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}
