import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { isLwiError, type LwiError } from '../errors.ts';
import type { Cassette } from '../http/client.ts';
import type { Call, CallMeter, HttpRequest } from '../http/http.ts';
import { toRecord } from './error-record.ts';
import { type Exchange, toBytes, toEntry } from './exchange.ts';
import type { TapeEvent } from './har.ts';
import type { HarWriter } from './har-writer.ts';
import { redactExchange, redactRequest } from './redact-exchange.ts';
import type { Redactor } from './redactor.ts';
import { type SteppedClock, steppedClock } from './stepped-clock.ts';

/** Asks the world outside under a name, and writes down what it said. */
export type Ask = <T>(question: string, work: () => Promise<T>) => Promise<T>;

/** A run on its way into a file. */
export interface Recorder {
  /** The clock that the run has to read. */
  readonly clock: SteppedClock;
  /** Layers for the client of the API. */
  readonly cassette: Cassette;
  readonly ask: Ask;
  /** How many exchanges there are so far. */
  readonly exchanges: () => number;
  /** Completes the file; a second call does nothing. `stopped`: why the run ended early. Throws what the writer throws. */
  finish(stopped?: LwiError): void;
}

/** What became of a call as a whole; its exchanges are entries. */
export interface CallOutcome {
  readonly exchanges: number;
  readonly retries: number;
  readonly throttledMs: number;
}

/** Records into a writer. `time` is the real clock. Credentials are taken out here, before anything reaches the writer. */
export function createRecorder(deps: {
  writer: HarWriter;
  redactor: Redactor;
  time: Clock;
  startedAt: number;
}): Recorder {
  const { writer, redactor, time } = deps;
  const clock = steppedClock(deps.startedAt, time.sleep);
  let pending: TapeEvent[] = [];
  let exchanges = 0;
  let finished = false;
  const note = (event: TapeEvent) => void pending.push(redactor.json(event) as TapeEvent);
  const keep = (exchange: Exchange) => {
    const entry = toEntry(redactExchange(exchange, redactor));
    const error =
      'error' in exchange.outcome
        ? (redactor.json(exchange.outcome.error) as typeof exchange.outcome.error)
        : undefined;
    if (finished) return;
    exchanges += 1;
    writer.entry({
      ...entry,
      _lwi: { ...(pending.length > 0 ? { before: pending } : {}), ...(error ? { error } : {}) },
    });
    pending = [];
  };
  const ask: Ask = async (question, work) => {
    try {
      const value = await work();
      note({ ask: question, value });
      return value;
    } catch (error) {
      if (isLwiError(error)) note({ ask: question, error: toRecord(error) });
      throw error;
    }
  };
  const call: Cassette['call'] = (next) => async (request, options) => {
    const meter: CallMeter = { requests: 0, retries: 0, throttledMs: 0 };
    const question = callQuestion(redactRequest(request, redactor));
    const end = (error?: LwiError) => {
      const { requests, retries, throttledMs } = meter;
      addTo(options.meter, meter);
      const value: CallOutcome = { exchanges: requests, retries, throttledMs };
      note({ ask: question, value, ...(error ? { error: toRecord(error) } : {}) });
    };
    try {
      const response = await next(request, { ...options, meter });
      end();
      return response;
    } catch (error) {
      // A call that was stopped has no end; a replay stops there too.
      if (options.signal.aborted || !isLwiError(error)) addTo(options.meter, meter);
      else end(error);
      throw error;
    }
  };
  const exchange: Cassette['exchange'] = (next) => async (request, options) => {
    const times = begin(clock, time, options);
    try {
      const response = await next(request, options);
      keep({ request, outcome: { response }, ...times() });
      return response;
    } catch (error) {
      if (isLwiError(error) && !options.signal.aborted)
        keep({ request, outcome: { error: toRecord(error) }, ...times() });
      throw error;
    }
  };
  return {
    ...{ clock, cassette: { now: clock.now, call, exchange }, ask },
    exchanges: () => exchanges,
    finish: (stopped) => {
      if (finished) return;
      finished = true;
      const why = stopped && (redactor.json(toRecord(stopped)) as ReturnType<typeof toRecord>);
      writer.finish({ after: pending, ...(why ? { stopped: why } : {}) });
    },
  };
}

/** Tells one request, without credentials, from every other: method, URL and body. */
export function requestKey({ method, url, body }: HttpRequest): string {
  const hash = createHash('sha256').update(JSON.stringify([method, url]));
  return hash
    .update(body === undefined ? '' : toBytes(body))
    .digest('hex')
    .slice(0, 32);
}

/** The question under which the end of a call is noted; its request must be without credentials. */
export function callQuestion(request: HttpRequest): string {
  return `call ${requestKey(request)}`;
}

function begin(clock: SteppedClock, time: Clock, { waitedMs = 0 }: Call) {
  const startedAt = time.now();
  clock.moveTo(startedAt);
  return () => {
    // A clock that was set back meanwhile gives no negative time.
    const endedAt = Math.max(startedAt, time.now());
    clock.moveTo(endedAt);
    return { startedAt, endedAt, waitedMs: Math.max(0, Math.round(waitedMs)) };
  };
}

function addTo(meter: CallMeter | undefined, { requests, retries, throttledMs }: CallMeter): void {
  if (!meter) return;
  meter.requests += requests;
  meter.retries += retries;
  meter.throttledMs += throttledMs;
}
