import type { LwiError } from '../../errors.ts';
import { type Check, type Finding, fail, pass, skip } from '../check.ts';

/** What one request to a host has told. */
export interface HostAnswer {
  /** `api.acme.example:443`-like; never a whole URL. */
  readonly host: string;
  /** Why there was no answer. */
  readonly error?: LwiError | undefined;
  /** How far the host's clock is ahead of this machine's, ms; undefined when it did not say. */
  readonly aheadMs?: number | undefined;
}

export interface HostsDeps {
  /** Asks each host of what is connected once, and for both checks; a text says why nobody is asked. */
  readonly answers: () => Promise<readonly HostAnswer[] | string>;
}

/** Signatures and tokens are refused for less: Slack's are good for five minutes, a token may live for sixty seconds more than its holder thinks, ms. */
const MOST_SKEW = 60_000;

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

function agreement(answers: readonly HostAnswer[]): Finding {
  const told = answers.flatMap(({ host, aheadMs }) => (aheadMs === undefined ? [] : [{ host, aheadMs }]));
  if (told.length === 0) return skip('no host said what time it is');
  const off = told.filter(({ aheadMs }) => Math.abs(aheadMs) > MOST_SKEW);
  if (off.length === 0) return pass(told.map(({ host, aheadMs }) => `${host} ${difference(aheadMs)}`).join(', '));
  return fail(
    off.map(({ host, aheadMs }) => `the clock of this machine is ${machineOff(aheadMs)} by that of ${host}`).join('; '),
    'Set the clock of this machine, on Linux with `timedatectl set-ntp true`.',
  );
}

/** A `Date` has whole seconds, so that less than one says nothing. */
function difference(aheadMs: number): string {
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  return seconds < 2 ? 'agrees' : `is ${seconds} s ${aheadMs > 0 ? 'ahead' : 'behind'}`;
}

function machineOff(aheadMs: number): string {
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  const size = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  return aheadMs > 0 ? `${size} slow` : `${size} fast`;
}
