import { DEFAULT_CIRCUIT } from '../../http/circuit-breaker.ts';
import { DEFAULT_TIMEOUTS, timeoutsFor } from '../../http/timeouts.ts';
import { formatSpan } from '../../span.ts';
import { pass } from '../check.ts';
import { demand, failureOf } from './demand.ts';
import type { Line } from './line.ts';
import { ask, readingLine, withoutLimits } from './reads.ts';

const backoff = readingLine({
  name: 'backoff-with-jitter',
  about: '`classify`: a 503 must be worth a repeat',
  async run(bench, row, read) {
    const { standIn, clock } = bench;
    const waits = async (change: { random?: () => number; policy?: { maxDelayMs: number } }) => {
      const before = standIn.seen.length;
      standIn.script(() => ({ status: 503 }));
      const error = await failureOf(ask(bench, row, read, { provider: withoutLimits(bench.provider), ...change }));
      demand(error?.code === 'SERVER_ERROR', `a 503 that stays is ${error?.code ?? 'no error'}`);
      const times = standIn.seen.slice(before).map(({ at }) => at);
      // The circuit has opened; by then it lets a probe through, and nothing bad is known any more.
      standIn.script(undefined);
      clock.jump(2 * DEFAULT_CIRCUIT.resetAfterMs);
      await ask(bench, row, read, { provider: withoutLimits(bench.provider) });
      return times.slice(1).map((at, place) => Math.round(at - (times[place] ?? at)));
    };
    const longest = await waits({ random: () => 0.999 });
    demand(longest.length === 4, `${longest.length + 1} tries were made`);
    const grow = longest.every((wait, at) => at === 0 || wait > 1.5 * (longest[at - 1] ?? 0));
    demand(grow, `the waits do not grow: ${longest.map(formatSpan).join(', ')}`);
    const capped = await waits({ random: () => 0.999, policy: { maxDelayMs: 3000 } });
    demand(Math.max(...capped) <= 3000, `a wait is longer than the cap: ${capped.map(formatSpan).join(', ')}`);
    const [one, two] = [await waits({}), await waits({})];
    demand(one.join() !== two.join(), `two runs wait alike: ${one.map(formatSpan).join(', ')}`);
    const list = (all: readonly number[]) => all.map(formatSpan).join(', ');
    return pass(
      `503 without end, 5 tries; waits at most ${list(longest)}; with a cap of 3 s ${list(capped)}; by chance ${list(one)}, then ${list(two)}`,
    );
  },
});

const circuit = readingLine({
  name: 'circuit-breaker',
  about: '`classify`: a 5xx must count as trouble at the provider',
  async run(bench, row, read) {
    const { standIn, clock } = bench;
    const { leastFailures, resetAfterMs } = DEFAULT_CIRCUIT;
    const once = () =>
      failureOf(ask(bench, row, read, { provider: withoutLimits(bench.provider), policy: { attempts: 1 } }));
    const sentBy = async (work: () => Promise<unknown>) => {
      const before = standIn.seen.length;
      await work();
      return standIn.seen.length - before;
    };
    standIn.script(() => ({ status: 503 }));
    for (let failures = 0; failures < leastFailures; failures++) await once();
    const refused = await sentBy(async () => {
      const error = await once();
      demand(error?.code === 'CIRCUIT_OPEN', `after ${leastFailures} failures a call is ${error?.code ?? 'sent'}`);
    });
    demand(refused === 0, 'an open circuit has sent a request');
    clock.jump(resetAfterMs);
    demand((await sentBy(once)) === 1, 'no probe was sent when the time had come');
    demand((await once())?.code === 'CIRCUIT_OPEN', 'a probe that failed has closed the circuit');
    clock.jump(resetAfterMs);
    standIn.script(undefined);
    const probes = await sentBy(async () => {
      const both = await Promise.all([once(), once()]);
      demand(both.filter((error) => error?.code === 'CIRCUIT_OPEN').length === 1, 'two callers sent two probes');
    });
    demand(probes === 1, `${probes} probes were sent at once`);
    demand((await once()) === undefined, 'the circuit has not closed after a good probe');
    return pass(
      `open after ${leastFailures} failures, the next call refused unsent; after ${formatSpan(resetAfterMs)} one probe: failed, open again; then one of two callers sent the probe, and the circuit closed`,
    );
  },
});

/** As short as a slow machine bears, ms. */
const SHORT_MS = 250;

const timeout = readingLine({
  name: 'timeout',
  about: 'nothing of the provider: report this',
  async run(bench, row, read) {
    const { standIn, provider, subject } = bench;
    standIn.script(() => 'hang');
    const config = { attemptMs: 60_000, providers: { [provider.id]: { attemptMs: SHORT_MS } } };
    const { attemptMs } = timeoutsFor(config, provider.id);
    const began = subject.time.now();
    const error = await failureOf(ask(bench, row, read, { policy: { attempts: 1 }, timeouts: { attemptMs } }));
    const tookMs = subject.time.now() - began;
    demand(error?.code === 'TIMEOUT', `an answer that never comes is ${error?.code ?? 'no error'}`);
    demand(tookMs >= SHORT_MS - 5 && tookMs < 20 * SHORT_MS, `it ended after ${formatSpan(tookMs)}`);
    const { connectMs, headersMs, callMs } = DEFAULT_TIMEOUTS;
    return pass(
      `\`timeouts.providers.${provider.id}.attemptMs\` of ${SHORT_MS}: an answer that never comes ended as TIMEOUT after ${formatSpan(tookMs)}; without a setting: connect ${formatSpan(connectMs)}, headers ${formatSpan(headersMs)}, whole call ${formatSpan(callMs)}`,
    );
  },
});

export const RELIABILITY_LINES: readonly Line[] = [backoff, circuit, timeout];
