import { httpDate } from '../http/retry-after.ts';
import { formatSpan } from '../span.ts';
import type { Answered } from './answered.ts';
import { type Finding, fail, pass, skip } from './check.ts';

/** From here on a clock is spoken of, ms. */
const TOLD_MS = 60_000;
/** Beyond it signatures are refused, ms: by Slack (docs.slack.dev, verifying requests) and by lwi where the scheme says nothing else. */
const LARGEST_MS = 300_000;

/** What an answer told of the clock of this machine. */
export interface ClockReading {
  /** Who answered: a provider's title, a host. */
  readonly by: string;
  /** As `clockSkew` gives it. */
  readonly skewMs: number | undefined;
}

/** Judges this machine's clock by those of others: a minute is a warning, five are a failure. */
export function clockFinding(readings: readonly ClockReading[]): Finding {
  const told = readings.flatMap(({ by, skewMs }) => (skewMs === undefined ? [] : [{ by, skewMs }]));
  if (told.length === 0)
    return skip(
      readings.map(({ by }) => `${by} sent no Date to compare with`).join(', ') || 'nobody said what time it is',
    );
  const beyond = (limit: number) => told.filter(({ skewMs }) => Math.abs(skewMs) > limit);
  const tooFar = beyond(LARGEST_MS);
  if (tooFar.length > 0) {
    return fail(
      `The clock of this machine is ${tooFar.map(wording).join(', ')}.`,
      'Set the clock (on Linux with systemd: `timedatectl set-ntp true`); where it is right, look for a proxy that answers in the place of the provider.',
    );
  }
  const said = told.map(wording).join(', ');
  if (beyond(TOLD_MS).length === 0) return pass(said);
  return pass(`warning: ${said}; more than ${formatSpan(LARGEST_MS)}, and webhooks would be refused as too old`);
}

function wording({ by, skewMs }: { readonly by: string; readonly skewMs: number }): string {
  if (Math.abs(skewMs) < 1000) return `within a second of ${by}`;
  return `${formatSpan(Math.abs(skewMs))} ${skewMs > 0 ? 'ahead of' : 'behind'} ${by}`;
}

/**
 * How far this machine's clock is ahead, ms, negative when it is behind, and no more than is certain: the answer was made at some moment between its two
 * times, and a `Date` has whole seconds (RFC 9110, 6.6.1). Undefined without a readable `Date`. A cache's answer is as old as its `Age` (RFC 9111, 5.1).
 */
export function clockSkew({ headers, began, ended }: Omit<Answered, 'status'>): number | undefined {
  const date = httpDate(headers['date']);
  if (date === undefined) return undefined;
  const age = headers['age'];
  const made = date + (age !== undefined && /^\d{1,9}$/.test(age) ? Number(age) * 1000 : 0);
  if (made > ended) return ended - made;
  return Math.max(0, began - (made + 999));
}
