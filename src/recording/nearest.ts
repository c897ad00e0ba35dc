import { LwiError } from '../errors.ts';
import type { HttpRequest } from '../http/http.ts';
import { type Exchange, toBytes } from './exchange.ts';

/** How a recorded request differs from the one that is asked for; the more, the less it is meant. */
interface Difference {
  readonly weight: number;
  readonly says: string;
}

/** Longest value that a message shows, characters. */
const LONGEST_SHOWN = 120;

/**
 * The error for a request without an answer in the recording. It shows the recorded request that is most like it and what differs. All
 * requests must be without credentials. `used`: how many answers to this very request were given already.
 */
export function missed(asked: HttpRequest, path: string, exchanges: readonly Exchange[], used: number): LwiError {
  const name = nameOf(asked);
  if (used > 0) {
    const times = used === 1 ? 'once' : `${used} times`;
    return new LwiError('NOT_RECORDED', `${path} has ${name} ${times}, and it is asked for once more.`);
  }
  let nearest:
    | { readonly request: HttpRequest; readonly differences: readonly Difference[]; weight: number }
    | undefined;
  for (const { request } of exchanges) {
    const differences = differencesOf(request, asked);
    const weight = differences.reduce((sum, each) => sum + each.weight, 0);
    if (!nearest || weight < nearest.weight) nearest = { request, differences, weight };
  }
  if (!nearest) return new LwiError('NOT_RECORDED', `${path} holds no requests; ${name} was asked for.`);
  const what = nearest.differences.map(({ says }) => says).join('; ');
  return new LwiError('NOT_RECORDED', `${path} does not have ${name}. Nearest: ${nameOf(nearest.request)}: ${what}.`);
}

function nameOf({ method, url }: HttpRequest): string {
  return `${method} ${shown(url, 400)}`;
}

function differencesOf(recorded: HttpRequest, asked: HttpRequest): Difference[] {
  const there = new URL(recorded.url, 'http://unknown');
  const here = new URL(asked.url, 'http://unknown');
  const differences: Difference[] = [];
  const unlike = (weight: number, what: string, one: string, other: string) =>
    differences.push({ weight, says: `${what} is ${shown(one)} there and ${shown(other)} here` });
  if (recorded.method !== asked.method) unlike(3, 'the method', recorded.method, asked.method);
  if (there.origin !== here.origin) unlike(8, 'the host', there.origin, here.origin);
  if (there.pathname !== here.pathname) {
    const [before, after] = [there.pathname.split('/'), here.pathname.split('/')];
    const length = Math.max(before.length, after.length);
    const changed = Array.from({ length }, (_, at) => at).filter((at) => before[at] !== after[at]).length;
    unlike(2 + changed, 'the path', there.pathname, here.pathname);
  }
  for (const key of new Set([...there.searchParams.keys(), ...here.searchParams.keys()])) {
    const [before, after] = [there.searchParams.getAll(key).join(), here.searchParams.getAll(key).join()];
    if (!here.searchParams.has(key)) differences.push({ weight: 1, says: `${key}=${shown(before)} is there only` });
    else if (!there.searchParams.has(key)) differences.push({ weight: 1, says: `${key}=${shown(after)} is here only` });
    else if (before !== after) unlike(1, key, before, after);
  }
  const [before, after] = [textOf(recorded), textOf(asked)];
  if (before !== after) {
    const at = firstDifference(before, after);
    const part = (text: string) => (text === '' ? 'empty' : `…${text.slice(Math.max(0, at - 20), at + 60)}…`);
    unlike(1, `the body at byte ${at}`, part(before), part(after));
  }
  if (differences.length === 0) differences.push({ weight: 1, says: 'only the spelling of the address differs' });
  return differences;
}

function firstDifference(one: string, other: string): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  return at;
}

function textOf({ body }: HttpRequest): string {
  return Buffer.from(toBytes(body ?? '')).toString('latin1');
}

function shown(text: string, longest = LONGEST_SHOWN): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
