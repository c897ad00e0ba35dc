import { EVENT_STANDINGS } from '../../../src/store/inbox-reading.ts';
import { VERDICTS } from '../../../src/webhooks/scheme.ts';
import { error } from './errors.ts';
import { pollLine } from './records.ts';
import {
  document,
  either,
  flag,
  lines,
  list,
  map,
  maybe,
  ms,
  number,
  type Output,
  object,
  oneOf,
  provider,
  text,
  texts,
  time,
  whole,
  word,
} from './words.ts';

const eventId = text('id of the event');
const eventType = text('kind of the event, in the words of the provider');
const owner = text('account (tenant); empty: it is about no connection here');
const status = maybe(whole('HTTP status of the answer; absent: there was none'));
const failure = maybe(text('why it was not taken'));
const receivedAt = time('when it was received');
const forwardState = oneOf(['received', 'delivering', 'delivered', 'failed'], 'where it stands; `received`: it waits');
const body = {
  body: maybe(text('the body, if it is UTF-8')),
  bodyBase64: maybe(text('the body in base64, if it is not')),
};

const listed = {
  ...{ eventId, provider, account: owner, type: eventType },
  state: oneOf(EVENT_STANDINGS, 'where it stands over everything that is to happen with it'),
  receivedAt,
  bytes: whole('length of the body, bytes'),
  applied: maybe(
    object(
      {
        state: oneOf(['received', 'applied', 'failed'], 'how far the local store has it'),
        attempts: whole('attempts'),
        lastError: maybe(text('why the last one failed')),
      },
      'absent: it was never meant to be applied',
    ),
  ),
  forwards: list(
    object({
      target: text('where it is sent'),
      state: forwardState,
      attempts: whole('attempts'),
      lastError: maybe(text('why the last one failed')),
      nextAt: maybe(time('when the next one is due')),
    }),
    'each target',
  ),
};

const fixture = object({
  ...{ provider, method: text('HTTP method'), path: text('path and query') },
  headers: map(either(text('its value'), texts('its values, where it came several times')), 'headers by name'),
  ...body,
  receivedAt,
});

const verdict = object({
  input: text('file, and the line or part of it'),
  provider: maybe(text('id of the provider, or name of the scheme')),
  verdict: oneOf(VERDICTS, '`verified`, or why not'),
  detail: text('one sentence'),
  eventId: maybe(eventId),
  signedAt: maybe(time('when it was signed, where that is signed too')),
});

/** Lines of whatever receives webhooks. */
const readyLine = object({ type: word('ready', 'kind of the line; the first one'), url: text('where it listens') });
const deliveryLine = object({
  ...{
    type: word('delivery', 'kind of the line: an attempt to forward'),
    provider,
    account: owner,
    eventId,
    eventType,
  },
  target: text('where it was sent'),
  attempt: whole('from 1'),
  state: forwardState,
  status,
  tookMs: ms('until the answer, or until it was given up'),
  error: failure,
  nextAt: maybe(time('when it is tried again')),
});
const refusedLine = object({
  ...{ type: word('refused', 'kind of the line: a delivery that was not taken'), provider },
  outcome: text('what happened to it'),
  reason: maybe(oneOf(VERDICTS, 'why it does not verify')),
  more: whole('how many like it came since the last such line'),
  error: maybe(error),
});
const targetLine = object({
  type: word('target', 'kind of the line: what has become of a target'),
  target: text('where events are sent'),
  state: oneOf(['down', 'up', 'held'], '`held`: another process is sending to it'),
});
const leftOutLine = object({
  type: word('left-out', 'kind of the line: nobody read for too long'),
  count: whole('lines that were dropped'),
});
const receiverLines = [readyLine, deliveryLine, refusedLine, targetLine, leftOutLine];
const arrivedLine = object({
  type: oneOf(['event', 'duplicate'], 'kind of the line: an event came, or came again'),
  ...{ provider, account: owner, eventId, eventType, receivedAt, bytes: whole('length of the body, bytes') },
});
const appliedLine = object({
  ...{ type: word('event', 'kind of the line: a try to apply an event'), provider, account: owner, eventId, eventType },
  outcome: oneOf(['applied', 'retried', 'failed'], 'how it ended'),
  attempt: whole('from 1'),
  receivedAt,
  error: maybe(error),
  dueAt: maybe(time('when it is tried again')),
  tookMs: ms('since it was received'),
});

const answers = Object.fromEntries(['2xx', '3xx', '4xx', '5xx'].map((kind) => [kind, whole(`answers of ${kind}`)]));
const replayed = object({
  sent: whole('requests that were sent'),
  ok: whole('answered with 2xx'),
  failed: whole('not answered with 2xx, or not sent'),
  unsent: whole('inputs that could not be sent'),
  answers: object(
    { '1xx': maybe(whole('answers of 1xx')), ...answers, none: whole('no answer') },
    'how many of each kind',
  ),
  latencyMs: maybe(
    object(
      { p50: ms('half'), p90: ms('nine of ten'), p99: ms('99 of 100'), max: ms('the longest') },
      'absent: no answer',
    ),
  ),
  durationMs: ms('from the first to the last'),
  perSecond: maybe(number('requests a second')),
  resultsLeftOut: maybe(whole('results that are counted only')),
  results: list(
    object({
      input: maybe(text('file it came from')),
      eventId: maybe(eventId),
      provider: maybe(provider),
      status,
      error: failure,
      latencyMs: maybe(ms('until the answer; absent: it was not sent')),
    }),
    'each request',
  ),
});

const attempt = object({
  target: text('where it was sent'),
  attempt: maybe(whole('from 1 for each target; absent: somebody asked for it')),
  startedAt: time('when it began'),
  tookMs: maybe(ms('until its end; absent: none is known')),
  status,
  error: failure,
  replay: flag('whether somebody asked for it'),
});

/** `webhook …` and `serve`. */
export const WEBHOOK_OUTPUTS: Readonly<Record<string, readonly Output[]>> = {
  'webhook listen': [lines('a line at a time', either(...receiverLines, arrivedLine))],
  serve: [lines('a line at a time', either(...receiverLines, appliedLine, pollLine))],
  'webhook list': [document('always', list(object(listed), 'the newest first'))],
  'webhook show': [
    document(
      'always',
      object({
        ...listed,
        ...{ method: text('HTTP method'), path: text('path and query') },
        headers: list(texts('name and value'), 'headers as they came, in their order'),
        ...body,
        attempts: list(attempt, 'every attempt to send it, in their order'),
      }),
    ),
    document('with `--fixture`', fixture),
  ],
  'webhook prune': [document('always', object({ removed: whole('events that were removed') }))],
  'webhook replay': [document('always', replayed)],
  'webhook trigger': [
    document('without `--to`', fixture),
    document(
      'with `--to`',
      object({
        ...{ provider, event: text('name of the event'), to: text('where it was sent') },
        ...{ ok: flag('answered with 2xx'), status, error: failure, latencyMs: ms('until the answer') },
      }),
    ),
    document(
      'with `--list`, or without an event',
      object({
        provider,
        formats: texts('forms for `--format`; the first is taken without it'),
        events: list(object({ event: text('its name'), about: text('when it is sent') }), 'empty: any name will do'),
      }),
    ),
  ],
  'webhook verify': [
    document(
      'without `--jsonl`',
      object({
        verified: whole('inputs that verify'),
        failed: whole('inputs that do not'),
        results: list(verdict, 'each input'),
      }),
    ),
    lines('with `--jsonl`', verdict),
  ],
  'webhook sign': [
    document(
      'always',
      object({
        provider: text('id of the provider, or name of the scheme'),
        headers: map(text('its value'), 'headers that a true delivery would carry'),
      }),
    ),
  ],
};
