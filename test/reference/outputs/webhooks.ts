import { EVENT_STANDINGS } from '../../../src/store/inbox-reading.ts';
import { VERDICTS } from '../../../src/webhooks/scheme.ts';
import { error } from './errors.ts';
import { jobLine, queued } from './jobs.ts';
import { pollLine } from './records.ts';
import * as w from './words.ts';

const eventId = w.text('id of the event');
const eventType = w.text('kind of the event, in the words of the provider');
const owner = w.text('account (tenant); empty: it is about no connection here');
const status = w.maybe(w.whole('HTTP status of the answer; absent: there was none'));
const failure = w.maybe(w.text('why it was not taken'));
const receivedAt = w.time('when it was received');
const forwardState = w.oneOf(
  ['received', 'delivering', 'delivered', 'failed'],
  'where it stands; `received`: it waits',
);
const body = {
  body: w.maybe(w.text('the body, if it is UTF-8')),
  bodyBase64: w.maybe(w.text('the body in base64, if it is not')),
};

const listed = {
  ...{ eventId, provider: w.provider, account: owner, type: eventType },
  state: w.oneOf(EVENT_STANDINGS, 'where it stands over everything that is to happen with it'),
  receivedAt,
  bytes: w.whole('length of the body, bytes'),
  applied: w.maybe(
    w.object(
      {
        state: w.oneOf(['received', 'applied', 'failed'], 'how far the local store has it'),
        attempts: w.whole('attempts'),
        lastError: w.maybe(w.text('why the last one failed')),
      },
      'absent: it was never meant to be applied',
    ),
  ),
  forwards: w.list(
    w.object({
      target: w.text('where it is sent'),
      state: forwardState,
      attempts: w.whole('attempts'),
      lastError: w.maybe(w.text('why the last one failed')),
      nextAt: w.maybe(w.time('when the next one is due')),
    }),
    'each target',
  ),
};

const fixture = w.object({
  ...{ provider: w.provider, method: w.text('HTTP method'), path: w.text('path and query') },
  headers: w.map(w.either(w.text('its value'), w.texts('its values, where it came several times')), 'headers by name'),
  ...body,
  receivedAt,
});

const verdict = w.object({
  input: w.text('file, and the line or part of it'),
  provider: w.maybe(w.text('id of the provider, or name of the scheme')),
  verdict: w.oneOf(VERDICTS, '`verified`, or why not'),
  detail: w.text('one sentence'),
  eventId: w.maybe(eventId),
  signedAt: w.maybe(w.time('when it was signed, where that is signed too')),
});

/** Lines of whatever receives webhooks. */
const readyLine = w.object({
  type: w.word('ready', 'kind of the line; the first one'),
  url: w.text('where it listens'),
});
const deliveryLine = w.object({
  ...{
    type: w.word('delivery', 'kind of the line: an attempt to forward'),
    provider: w.provider,
    account: owner,
    eventId,
    eventType,
  },
  target: w.text('where it was sent'),
  attempt: w.whole('from 1'),
  state: forwardState,
  status,
  tookMs: w.ms('until the answer, or until it was given up'),
  error: failure,
  nextAt: w.maybe(w.time('when it is tried again')),
});
const refusedLine = w.object({
  ...{ type: w.word('refused', 'kind of the line: a delivery that was not taken'), provider: w.provider },
  outcome: w.text('what happened to it'),
  reason: w.maybe(w.oneOf(VERDICTS, 'why it does not verify')),
  more: w.whole('how many like it came since the last such line'),
  error: w.maybe(error),
});
const targetLine = w.object({
  type: w.word('target', 'kind of the line: what has become of a target'),
  target: w.text('where events are sent'),
  state: w.oneOf(['down', 'up', 'held'], '`held`: another process is sending to it'),
});
const leftOutLine = w.object({
  type: w.word('left-out', 'kind of the line: nobody read for too long'),
  count: w.whole('lines that were dropped'),
});
const receiverLines = [readyLine, deliveryLine, refusedLine, targetLine, leftOutLine];
const arrivedLine = w.object({
  type: w.oneOf(['event', 'duplicate'], 'kind of the line: an event came, or came again'),
  ...{
    provider: w.provider,
    account: owner,
    eventId,
    eventType,
    receivedAt,
    bytes: w.whole('length of the body, bytes'),
  },
});
const appliedLine = w.object({
  ...{
    type: w.word('event', 'kind of the line: a try to apply an event'),
    provider: w.provider,
    account: owner,
    eventId,
    eventType,
  },
  outcome: w.oneOf(['applied', 'retried', 'failed'], 'how it ended'),
  attempt: w.whole('from 1'),
  receivedAt,
  error: w.maybe(error),
  dueAt: w.maybe(w.time('when it is tried again')),
  tookMs: w.ms('since it was received'),
});

const answers = Object.fromEntries(['2xx', '3xx', '4xx', '5xx'].map((kind) => [kind, w.whole(`answers of ${kind}`)]));
const replayed = w.object({
  sent: w.whole('requests that were sent'),
  ok: w.whole('answered with 2xx'),
  failed: w.whole('not answered with 2xx, or not sent'),
  unsent: w.whole('inputs that could not be sent'),
  answers: w.object(
    { '1xx': w.maybe(w.whole('answers of 1xx')), ...answers, none: w.whole('no answer') },
    'how many of each kind',
  ),
  latencyMs: w.maybe(
    w.object(
      { p50: w.ms('half'), p90: w.ms('nine of ten'), p99: w.ms('99 of 100'), max: w.ms('the longest') },
      'absent: no answer',
    ),
  ),
  durationMs: w.ms('from the first to the last'),
  perSecond: w.maybe(w.number('requests a second')),
  resultsLeftOut: w.maybe(w.whole('results that are counted only')),
  results: w.list(
    w.object({
      input: w.maybe(w.text('file it came from')),
      eventId: w.maybe(eventId),
      provider: w.maybe(w.provider),
      status,
      error: failure,
      latencyMs: w.maybe(w.ms('until the answer; absent: it was not sent')),
    }),
    'each request',
  ),
});

const attempt = w.object({
  target: w.text('where it was sent'),
  attempt: w.maybe(w.whole('from 1 for each target; absent: somebody asked for it')),
  startedAt: w.time('when it began'),
  tookMs: w.maybe(w.ms('until its end; absent: none is known')),
  status,
  error: failure,
  replay: w.flag('whether somebody asked for it'),
});

/** `webhook …` and `serve`. */
export const WEBHOOK_OUTPUTS: Readonly<Record<string, readonly w.Output[]>> = {
  'webhook listen': [w.lines('a line at a time', w.either(...receiverLines, arrivedLine))],
  serve: [w.lines('a line at a time', w.either(...receiverLines, appliedLine, pollLine, jobLine))],
  'webhook list': [w.document('always', w.list(w.object(listed), 'the newest first'))],
  'webhook show': [
    w.document(
      'always',
      w.object({
        ...listed,
        ...{ method: w.text('HTTP method'), path: w.text('path and query') },
        headers: w.list(w.texts('name and value'), 'headers as they came, in their order'),
        ...body,
        attempts: w.list(attempt, 'every attempt to send it, in their order'),
      }),
    ),
    w.document('with `--fixture`', fixture),
  ],
  'webhook prune': [w.document('always', w.object({ removed: w.whole('events that were removed') }))],
  'webhook replay': [w.document('without `--queue`', replayed), w.document('with `--queue`', queued)],
  'webhook trigger': [
    w.document('without `--to`', fixture),
    w.document(
      'with `--to`',
      w.object({
        ...{ provider: w.provider, event: w.text('name of the event'), to: w.text('where it was sent') },
        ...{ ok: w.flag('answered with 2xx'), status, error: failure, latencyMs: w.ms('until the answer') },
      }),
    ),
    w.document(
      'with `--list`, or without an event',
      w.object({
        provider: w.provider,
        formats: w.texts('forms for `--format`; the first is taken without it'),
        events: w.list(
          w.object({ event: w.text('its name'), about: w.text('when it is sent') }),
          'empty: any name will do',
        ),
      }),
    ),
  ],
  'webhook verify': [
    w.document(
      'without `--jsonl`',
      w.object({
        verified: w.whole('inputs that verify'),
        failed: w.whole('inputs that do not'),
        results: w.list(verdict, 'each input'),
      }),
    ),
    w.lines('with `--jsonl`', verdict),
  ],
  'webhook sign': [
    w.document(
      'always',
      w.object({
        provider: w.text('id of the provider, or name of the scheme'),
        headers: w.map(w.text('its value'), 'headers that a true delivery would carry'),
      }),
    ),
  ],
};
