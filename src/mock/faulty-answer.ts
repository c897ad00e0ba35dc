import type { Clock } from '../clock.ts';
import { dribbled, htmlPage, truncated } from './answer.ts';
import type { Fault } from './fault-kind.ts';
import type { ProviderFake } from './provider-fake.ts';
import { rateReport } from './rate-report.ts';

/** The faults of one kind among those that a request meets. */
function all<K extends Fault['kind']>(drawn: readonly Fault[], kind: K): Extract<Fault, { kind: K }>[] {
  return drawn.filter((fault): fault is Extract<Fault, { kind: K }> => fault.kind === kind);
}

/**
 * The fake's answer under the faults that decide whether there is one, and which. A cut connection is `Response.error()`. `gone` aborts when the
 * client has given up.
 */
export async function faultyAnswer(
  fake: ProviderFake,
  request: Request,
  drawn: readonly Fault[],
  { clock, gone }: { clock: Clock; gone: AbortSignal },
): Promise<Response> {
  for (const { ms } of all(drawn, 'latency')) await clock.sleep(ms, request.signal);
  if (all(drawn, 'hang').length > 0) await aborted(gone);
  if (all(drawn, 'hang').length + all(drawn, 'cut').length > 0) return Response.error();
  const [failed] = all(drawn, 'status');
  const [page] = all(drawn, 'html');
  const made = failed && fake.failure(failed.status, new URL(request.url).pathname);
  const answer = page ? htmlPage(page.status) : (made ?? (await fake.handle(request)));
  if (all(drawn, 'lost').length > 0) return Response.error();
  fake.stamp(answer.headers);
  return answer;
}

/** What the answer's `Date` is off by, ms: skews, and drifts since `started`. */
export function dateOffset(drawn: readonly Fault[], now: number, started: number): number {
  const skew = all(drawn, 'skew').reduce((sum, { ms }) => sum + ms, 0);
  return all(drawn, 'drift').reduce((sum, { msPerSecond }) => sum + (msPerSecond * (now - started)) / 1000, skew);
}

/** Headers that faults change or add; `at` is the time that the answer's `Date` says. */
export function withFaultyHeaders(
  answer: Response,
  drawn: readonly Fault[],
  at: number,
  windows: () => ReturnType<ProviderFake['windows']>,
): void {
  const { headers } = answer;
  for (const { type } of all(drawn, 'type')) headers.set('content-type', type);
  for (const { style } of all(drawn, 'headers')) {
    for (const [name, value] of Object.entries(rateReport(style, windows(), at))) headers.set(name, value);
  }
  for (const { retryAfter } of all(drawn, 'status').slice(0, 1)) {
    if (retryAfter === undefined) continue;
    const text =
      'text' in retryAfter ? retryAfter.text : new Date(at + retryAfter.dateAfterSeconds * 1000).toUTCString();
    headers.set('retry-after', text);
  }
}

/** The answer with the body that faults make of it: half of it, or slowly. A body that is cut is not slow too. */
export async function withFaultyBody(
  answer: Response,
  drawn: readonly Fault[],
  { clock, gone }: { clock: Clock; gone: AbortSignal },
): Promise<Response> {
  const [half] = all(drawn, 'truncate');
  if (half) return truncated(answer, half.chunked);
  const ms = all(drawn, 'slow').reduce((sum, fault) => sum + fault.ms, 0);
  return ms > 0 ? dribbled(answer, ms, (pause) => clock.sleep(pause, gone)) : answer;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
