import type { LwiError } from '../../errors.ts';
import { type Check, type Finding, fail, pass, skip } from '../check.ts';
import { clockFinding } from '../clock-finding.ts';

/** What one request to a host has told. */
export interface HostAnswer {
  /** `api.acme.example:443`-like; never a whole URL. */
  readonly host: string;
  /** Why there was no answer. */
  readonly error?: LwiError | undefined;
  /** How far this machine's clock is ahead of the host's, ms, as `clockSkew` gives it. */
  readonly skewMs?: number | undefined;
}

export interface HostsDeps {
  /** Asks each host of what is connected once, and for both checks; a text says why nobody is asked. */
  readonly answers: () => Promise<readonly HostAnswer[] | string>;
}

/** Whether the hosts of what is connected answer, and whether their clocks agree with this machine's. */
export function hostChecks({ answers }: HostsDeps): readonly [hosts: Check, clock: Check] {
  const over = (find: (answers: readonly HostAnswer[]) => Finding) => async () => {
    const given = await answers();
    return typeof given === 'string' ? skip(given) : find(given);
  };
  return [
    { name: 'hosts', run: over(reachability) },
    { name: 'clock', run: over(agreement) },
  ];
}

function reachability(answers: readonly HostAnswer[]): Finding {
  const [first] = answers.flatMap(({ error }) => error ?? []);
  if (!first) return pass(`answering: ${answers.map(({ host }) => host).join(', ')}`);
  const silent = answers.flatMap(({ host, error }) => (error ? [`${host}: ${error.message}`] : []));
  return fail(silent.join('; '), first.hint, first.code);
}

/** Of those who did not answer the other check tells. */
function agreement(answers: readonly HostAnswer[]): Finding {
  return clockFinding(answers.flatMap(({ host, error, skewMs }) => (error ? [] : [{ by: host, skewMs }])));
}
