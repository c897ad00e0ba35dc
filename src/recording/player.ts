import { isLwiError, LwiError } from '../errors.ts';
import type { Player } from '../http/client.ts';
import type { HttpRequest, HttpResponse } from '../http/http.ts';
import { isHttpResponse } from '../http/http.ts';
import { REDACTED } from '../http/redact.ts';
import { asNumber, asObject } from '../providers/json-value.ts';
import { fromRecord } from './error-record.ts';
import { type Exchange, toBytes } from './exchange.ts';
import type { Recording } from './har-reader.ts';
import { missed } from './nearest.ts';
import type { PlayedTape } from './played-tape.ts';
import { callQuestion, requestKey } from './recorder.ts';
import { redactRequest } from './redact-exchange.ts';
import type { Redactor } from './redactor.ts';
import type { SteppedClock } from './stepped-clock.ts';

interface Recorded {
  readonly exchanges: Exchange[];
  used: number;
}

/**
 * Answers from a recording. Each exchange is given once, in its order; matched are method, URL and body, all without credentials. Where the tape
 * tells how a call went, exactly that happens again: its exchanges, its error. Throws NOT_RECORDED with the nearest request.
 */
export function createPlayer(deps: {
  recording: Recording;
  tape: PlayedTape;
  redactor: Redactor;
  clock: SteppedClock;
}): Player {
  const { recording, tape, redactor, clock } = deps;
  const byKey = new Map<string, Recorded>();
  const all = recording.exchanges.map((each) => ({ ...each, request: redactRequest(each.request, redactor) }));
  for (const exchange of all) {
    const key = requestKey(exchange.request);
    const known = byKey.get(key);
    if (known) known.exchanges.push(exchange);
    else byKey.set(key, { exchanges: [exchange], used: 0 });
  }
  /** The request under which it was recorded: what is secret in it may be known no longer, and stands as a gap in the recording. */
  const recorded = (request: HttpRequest): HttpRequest => {
    const plain = redactRequest(request, redactor);
    if (byKey.has(requestKey(plain))) return plain;
    for (const { exchanges } of byKey.values()) {
      if (exchanges[0] && fitsGaps(exchanges[0].request, plain)) return exchanges[0].request;
    }
    return plain;
  };

  return {
    answer: async (request, { signal }) => {
      signal.throwIfAborted();
      const asked = recorded(request);
      const found = byKey.get(requestKey(asked));
      const exchange = found?.exchanges[found.used];
      if (!found || !exchange) throw missed(asked, recording.path, all, found?.used ?? 0);
      found.used += 1;
      if (recording.run) clock.moveTo(exchange.endedAt);
      if ('error' in exchange.outcome) throw fromRecord(exchange.outcome.error);
      return exchange.outcome.response;
    },
    call: (seen, anew) => async (request, call) => {
      call.signal.throwIfAborted();
      const event = tape.next(callQuestion(recorded(request)));
      if (!event) {
        tape.stopHere();
        return anew(request, call);
      }
      const { exchanges, retries, throttledMs } = asObject(event.value);
      let last: { response: HttpResponse } | { error: unknown } | undefined;
      for (let count = asNumber(exchanges) ?? 0; count > 0; count--) {
        const coming = byKey.get(requestKey(recorded(request)));
        clock.moveTo(coming?.exchanges[coming.used]?.startedAt ?? clock.now());
        last = await seen(request, call).then(
          (response) => ({ response }),
          (error: unknown) => ({ error }),
        );
        if ('error' in last && isLwiError(last.error, 'NOT_RECORDED')) throw last.error;
      }
      if (call.meter) {
        call.meter.retries += asNumber(retries) ?? 0;
        call.meter.throttledMs += asNumber(throttledMs) ?? 0;
      }
      if (event.error) throw fromRecord(event.error, answerOf(last));
      if (last && 'response' in last) return last.response;
      throw last
        ? last.error
        : new LwiError('INPUT_INVALID', `${recording.path}: a call has neither exchanges nor an error`);
    },
  };
}

function answerOf(last: { response: HttpResponse } | { error: unknown } | undefined): HttpResponse | undefined {
  if (!last) return undefined;
  if ('response' in last) return last.response;
  const answer = isLwiError(last.error) ? last.error.facts.answer : undefined;
  return isHttpResponse(answer) ? answer : undefined;
}

/** Whether a recorded request with gaps is this one. */
function fitsGaps(recorded: HttpRequest, asked: HttpRequest): boolean {
  const text = (body: HttpRequest['body']) => Buffer.from(toBytes(body ?? '')).toString('latin1');
  const body = text(recorded.body);
  if (recorded.method !== asked.method || !(recorded.url.includes(REDACTED) || body.includes(REDACTED))) return false;
  return fits(recorded.url, asked.url) && fits(body, text(asked.body));
}

function fits(pattern: string, text: string): boolean {
  const [first = '', ...parts] = pattern.split(REDACTED);
  const last = parts.pop();
  if (last === undefined) return pattern === text;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}
