import { roughSpan } from '../../src/span.ts';

/** A time as people read it: `in 48m`, `3h 5m ago`; empty when there is none. */
export function when(at: number | undefined, now: number): string {
  if (at === undefined) return '';
  if (Math.abs(at - now) < 1000) return 'now';
  return at > now ? `in ${roughSpan(at - now)}` : `${roughSpan(now - at)} ago`;
}

/** ISO-8601 UTC for JSON; undefined stays undefined and is left out. */
export function iso(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString();
}

/** The time in front of a line for people, to the second: `2026-11-28T10:07:28Z`. */
export function lineTime(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}
