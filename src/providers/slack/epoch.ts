import { asPositive } from '../json-value.ts';

/** Below it a number counts seconds (until the year 33658), above it milliseconds (since 2001). */
const SECONDS_BELOW = 1e12;

/** The last moment that JavaScript knows, ms since the epoch (ECMA-262, time values). */
const LAST_INSTANT = 8.64e15;

/**
 * A moment that Slack gives as a number, as ms since the epoch: `updated` of a user is in seconds, that of a channel in milliseconds. Undefined
 * for what is no moment, and for 0, which Slackbot carries, who was never changed (NangoHQ/integration-templates, recorded `users.list`).
 */
export function instantOfEpoch(value: unknown): number | undefined {
  const number = asPositive(value);
  if (number === undefined) return undefined;
  const instant = number < SECONDS_BELOW ? number * 1000 : number;
  return instant <= LAST_INSTANT ? instant : undefined;
}
