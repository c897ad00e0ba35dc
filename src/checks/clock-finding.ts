import { httpDate } from '../http/retry-after.ts';
import { formatSpan } from '../span.ts';
import type { Answered } from './answered.ts';
import { type Finding, fail, pass, skip } from './check.ts';

/** From here on a clock is spoken of, ms. */
const TOLD_MS = 60_000;
/** Beyond it signatures are refused, ms: by Slack (docs.slack.dev, verifying requests) and by lwi where the scheme says nothing else. */
const LARGEST_MS = 300_000;

/** Compares this machine's clock with the `Date` of an answer (RFC 9110, 6.6.1), `title` being whose it is. */
export function clockFinding(answered: Answered, title: string): Finding {
  const skew = clockSkew(answered);
  if (skew === undefined) return skip(`${title} sent no Date to compare with`);
  if (Math.abs(skew) < 1000) return pass(`within a second of ${title}`);
  const off = `${formatSpan(Math.abs(skew))} ${skew > 0 ? 'ahead of' : 'behind'} ${title}`;
  if (Math.abs(skew) <= TOLD_MS) return pass(off);
  if (Math.abs(skew) <= LARGEST_MS)
    return pass(`warning: ${off}; more than ${formatSpan(LARGEST_MS)}, and webhooks would be refused as too old`);
  return fail(
    `The clock of this machine is ${off}.`,
    'Set the clock (on Linux with systemd: `timedatectl set-ntp true`); where it is right, look for a proxy that answers in the place of the provider.',
  );
}

/**
 * How far this machine's clock is ahead, ms, negative when it is behind, and no more than is certain: the answer was made at some moment between its two
 * times, and a `Date` has whole seconds. Undefined without a readable `Date`. A cache's answer is as old as its `Age` (RFC 9111, 5.1).
 */
export function clockSkew({ headers, began, ended }: Answered): number | undefined {
  const date = httpDate(headers['date']);
  if (date === undefined) return undefined;
  const age = headers['age'];
  const made = date + (age !== undefined && /^\d{1,9}$/.test(age) ? Number(age) * 1000 : 0);
  if (made > ended) return ended - made;
  return Math.max(0, began - (made + 999));
}
