import type { LimitRule } from '../../providers/provider.ts';
import { formatSpan } from '../../span.ts';
import type { ConnectionRow } from '../../store/store.ts';
import { pass, skip } from '../check.ts';
import type { Bench } from './bench.ts';
import { demand, given } from './demand.ts';
import { connect } from './grants.ts';
import { sendInTurn } from './in-turn.ts';
import type { Line } from './line.ts';
import { goodReads, type Read, rulesOf } from './reads.ts';

const DAY_MS = 86_400_000;

/** So many requests are sent at most, to keep the check short. */
const MOST_REQUESTS = 120;

/** One request more than the tightest rule allows: the last one waits, and none is refused. */
export const limiter: Line = {
  name: 'client-rate-limit',
  needs: ['token-exchange'],
  about: '`limits` and `limitsFor`',
  ownLimits: true,
  // A limit by the day or the month is waited for here, and the token must outlast that.
  mock: { tokenLifetimeMs: 400 * DAY_MS },
  async run(bench) {
    const { provider, standIn, clock } = bench;
    if (bench.subject.elsewhere)
      return skip('it is not tried on a server that is not the mock: it could be one request too many');
    for (const { name, permits, perMs, burst, concurrency } of provider.limits)
      demand(Math.min(permits, perMs, burst, concurrency) > 0, `the rule "${name}" lets nothing through`);
    const row = await connect(bench);
    const reads = await goodReads(bench);
    const [tightest] = reads
      .map((read) => ({ read, rules: rulesOf(provider, row, read, clock.now()) }))
      .sort((a, b) => leastOf(a.rules) - leastOf(b.rules));
    if (!tightest) return skip('neither the probe nor any entity is answered: see mock-server');
    const { read, rules } = tightest;
    const rule = given(
      [...rules].sort((a, b) => a.permits - b.permits)[0],
      `the request for ${read.name} counts against no rule`,
    );
    const slow = isSlow(rules);
    const sent = await sendOneTooMany(bench, row, read, { permits: rule.permits, slow });
    const refused = sent.filter(({ status, answer }) => status === 429 || /ratelimited/.test(answer.text));
    demand(refused.length === 0, `${refused.length} of ${sent.length} requests were refused for their rate`);
    demand(
      standIn.mostAtOnce <= rule.concurrency,
      `${standIn.mostAtOnce} requests were under way at once, ${rule.concurrency} are allowed`,
    );
    const within = `${rule.permits} in ${formatSpan(rule.perMs)}`;
    if (sent.length <= rule.permits) {
      return pass(
        `"${rule.name}", ${within}: ${sent.length} requests for ${read.name}, none refused, at most ${standIn.mostAtOnce} at once; ${await shared(bench, row, read, rule)}`,
      );
    }
    const waited = (sent.at(-1)?.at ?? 0) - (sent.at(-1 - rule.permits)?.at ?? 0);
    demand(
      waited >= rule.perMs - 1,
      `request ${sent.length} came ${formatSpan(waited)} after the one ${rule.permits} before`,
    );
    return pass(
      `"${rule.name}", ${within}: ${sent.length} requests for ${read.name} ${slow ? 'in turn' : 'at once'}, the last one waited ${formatSpan(waited)}; none was refused, at most ${standIn.mostAtOnce} under way`,
    );
  },
};

const leastOf = (rules: readonly LimitRule[]) => Math.min(...rules.map(({ permits }) => permits));

/** Windows up to so long are waited for by many requests at once, ms. */
const LONGEST_AT_ONCE_MS = 60_000;

const isSlow = (rules: readonly LimitRule[]) => rules.some(({ perMs }) => perMs > LONGEST_AT_ONCE_MS);

async function sendOneTooMany(
  bench: Bench,
  row: ConnectionRow,
  read: Read,
  { permits, slow }: { readonly permits: number; readonly slow: boolean },
) {
  const before = bench.standIn.seen.length;
  const count = Math.min(permits + 1, MOST_REQUESTS);
  const request = read.of(row, bench.clock.now());
  if (slow) for (let sent = 0; sent < count; sent++) await sendInTurn(bench, row, request);
  else {
    // Else a quick server never has two requests at once.
    bench.standIn.script(() => ({ lateMs: 5 }));
    const send = bench.api({ policy: { attempts: 1, deadlineMs: DAY_MS } });
    const url = bench.request(row, request);
    await Promise.all(Array.from({ length: count }, () => send(url, bench.call(row, request))));
  }
  return bench.standIn.seen.slice(before);
}

/** A rule that is too wide to be used up here is tried with a small part of it. */
async function shared(bench: Bench, row: ConnectionRow, read: Read, { permits, perMs }: LimitRule): Promise<string> {
  const share = 10 / permits;
  const few = Math.max(1, Math.floor(permits * share));
  const request = read.of(row, bench.clock.now());
  bench.clock.jump(2 * perMs);
  const before = bench.standIn.seen.length;
  for (let sent = 0; sent <= few; sent++) await sendInTurn(bench, row, request, { share });
  const times = bench.standIn.seen.slice(before).map(({ at }) => at);
  const waited = (times.at(-1) ?? 0) - (times[0] ?? 0);
  demand(waited >= perMs - 1, `with a share of ${few} requests, the next one came after ${formatSpan(waited)}`);
  return `with a share of ${few}, request ${few + 1} waited ${formatSpan(waited)}`;
}
