import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LwiError } from '../../src/errors.ts';
import type { HttpRequest, HttpResponse, Send } from '../../src/http/http.ts';
import { call, failureOf, REQUEST, response, wire } from '../http/support.ts';
import { harProblems } from '../support/har-shape.ts';
import { START } from '../support/virtual-clock.ts';
import { recorded, recording, replayed } from './support.ts';

const NAME = fc
  .stringMatching(/^[a-z][a-z0-9-]{0,12}$/)
  .filter((name) => !/key|token|auth|cookie|secret|sign|pass/.test(name));
const VALUE = fc.stringMatching(/^[ -~]{0,20}$/).filter((text) => !/bearer|basic|=|:\/\//i.test(text));
const HEADERS = fc.dictionary(NAME, VALUE, { maxKeys: 4 });
const BODY = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.json().map((text) => new Uint8Array(Buffer.from(text))),
  fc.string({ unit: 'binary' }).map((text) => new Uint8Array(Buffer.from(text))),
);
const request: fc.Arbitrary<HttpRequest> = fc
  .record({
    method: fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE'),
    url: fc
      .webPath()
      .chain((path) =>
        VALUE.map((query) => new URL(`https://api.acme.example${path}?q=${encodeURIComponent(query)}`).href),
      ),
    headers: HEADERS,
    body: fc.option(BODY, { nil: undefined }),
  })
  .map(({ body, ...rest }) => (body === undefined ? rest : { ...rest, body }));
const answer: fc.Arbitrary<HttpResponse> = fc.record({
  status: fc.integer({ min: 200, max: 299 }),
  headers: HEADERS,
  body: BODY,
});

/** Whatever looks like a credential by chance is another property. */
const harmless = (bytes: Uint8Array | string | undefined) =>
  !/token|secret|pass|pwd|key|auth|assert|verif|device|cred|bearer|basic|eyJ|xox|:\/\//i.test(
    Buffer.from(bytes ?? '').toString('latin1'),
  );

describe('what holds no secret', () => {
  it('comes back byte for byte: record, file, replay', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(request, answer), { minLength: 1, maxLength: 4 }), async (exchanges) => {
        fc.pre(exchanges.every(([asked, given]) => harmless(asked.body) && harmless(given.body)));
        const { path, recorder } = recording();
        const send = recorded(recorder, wire(...exchanges.map(([, given]) => given)).send);
        for (const [asked] of exchanges) await send(asked, call());
        recorder.finish();
        expect(harProblems(JSON.parse(readFileSync(path, 'utf8')))).toEqual([]);
        const replay = replayed(path);
        for (const [asked, given] of exchanges) {
          const { status, headers, body } = await replay.player.answer(asked, call());
          expect({ status, headers, body: Buffer.from(body) }).toEqual({ ...given, body: Buffer.from(given.body) });
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('a call', () => {
  it('goes as it went: failures on the way, counts, the last answer, and the times', async () => {
    const { path, recorder } = recording();
    const scripted = wire(response(503), new LwiError('TIMEOUT', 'late'), response(200, { ok: 1 }));
    const tries =
      (next: ReturnType<typeof recorded>): typeof next =>
      async (asked, options) => {
        for (const round of [1, 2]) {
          await next(asked, { ...options, waitedMs: round * 7 }).catch(() => {});
          if (options.meter) options.meter.retries += 1;
          if (options.meter) options.meter.throttledMs += round * 7;
        }
        return next(asked, options);
      };
    const inner = recorded({ ...recorder, cassette: { ...recorder.cassette, call: (next) => next } }, scripted.send);
    const meter = { requests: 0, retries: 0, throttledMs: 0 };
    await recorder.cassette.call(tries(inner))(REQUEST, call({ meter }));
    recorder.finish();
    const { log } = JSON.parse(readFileSync(path, 'utf8')) as {
      log: { entries: { startedDateTime: string; time: number; timings: object; response: object }[] };
    };
    const iso = (ms: number) => new Date(START + ms).toISOString();
    expect(log.entries.map(({ startedDateTime, time }) => [startedDateTime, time])).toEqual([
      [iso(93), 107],
      [iso(286), 114],
      [iso(500), 100],
    ]);
    expect(log.entries[1]).toMatchObject({
      timings: { blocked: 14, wait: 100 },
      response: { status: 0, _error: 'TIMEOUT: late' },
    });
    const replay = replayed(path);
    const again = { requests: 0, retries: 0, throttledMs: 0 };
    expect((await replay.send(REQUEST, call({ meter: again }))).body.toString()).toBe('{"ok":1}');
    expect([again, replay.clock.now()]).toEqual([meter, recorder.clock.now()]);
    expect(again).toEqual({ requests: 3, retries: 2, throttledMs: 21 });
  });

  it('that failed fails with the same error, its facts and its answer', async () => {
    const facts = {
      provider: 'acme',
      statusCode: 404,
      retryAfterMs: 5,
      retryable: false,
      hint: 'Look again.',
      unsent: false,
    };
    const answer = response(404, 'gone');
    const failure = new LwiError('NOT_FOUND', 'nothing there', { ...facts, answer });
    const { path, recorder } = recording();
    const { send } = wire(answer);
    const failing = recorded({ ...recorder, cassette: { ...recorder.cassette, call: classified } }, send);
    function classified(next: Send): Send {
      return async (asked, options) => next(asked, options).then(() => Promise.reject(failure));
    }
    await failureOf(recorder.cassette.call(failing)(REQUEST, call()));
    recorder.finish();
    const error = (await failureOf(replayed(path).send(REQUEST, call()))) as LwiError;
    expect({ ...error.toJSON(), unsent: error.facts.unsent }).toEqual({ ...failure.toJSON(), unsent: false });
    expect(Buffer.from((error.facts.answer as HttpResponse).body).toString()).toBe('gone');
  });
});
