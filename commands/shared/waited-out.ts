import type { ErrorCode, LwiError } from '../../src/errors.ts';

/** What a person may do about trouble that a command waits out, where there is something. */
const STEPS: Partial<Record<ErrorCode, string>> = {
  STORE_AWAY: 'Start the database, or check the network to it',
  STORE_FULL: 'Free space on the disk',
};

/** Trouble with the store that passes, in sentences for somebody whose command goes on: nothing has to be run again. */
export function waitedOut({ code, message, facts }: LwiError): string {
  const step = facts.hint === undefined ? STEPS[code] : undefined;
  const goesOn = step === undefined ? 'It is tried again until it passes.' : `${step}: this goes on by itself then.`;
  return `${message.replace(/\.$/, '')}. ${goesOn}`;
}
