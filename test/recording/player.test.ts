import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LwiError } from '../../src/errors.ts';
import type { HttpRequest } from '../../src/http/http.ts';
import { call, failureOf, REQUEST, response, wire } from '../http/support.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';
import { recorded, recording, replayed } from './support.ts';

const at = (path: string, change: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url: `https://api.acme.example/v1${path}`,
  headers: {},
  ...change,
});

/** A file with these requests, each answered with its place. */
async function recordingOf(requests: readonly HttpRequest[], secrets: readonly string[] = []): Promise<string> {
  const { path, recorder } = recording(secrets);
  const send = recorded(recorder, wire(...requests.map((_, place) => response(200, String(place)))).send);
  for (const request of requests) await send(request, call());
  recorder.finish();
  return path;
}

/** An archive as a browser exports it: nothing of lwi in it. */
function browserFile(entries: readonly { url: string; status: number; text: string }[]): string {
  const path = join(temporaryDirectory(), 'browser.har');
  const log = {
    version: '1.2',
    creator: { name: 'WebInspector', version: '537.36' },
    entries: entries.map(({ url, status, text }) => ({
      startedDateTime: '2026-01-05T10:00:00.123456Z',
      time: 12.5,
      request: { method: 'GET', url, httpVersion: 'http/2.0', headers: [{ name: ':authority', value: 'x' }] },
      response: {
        status,
        headers: [{ name: 'Content-Type', value: 'application/json' }],
        content: { size: 1, mimeType: 'a', text },
      },
      timings: { blocked: 3.5, dns: -1, send: 0, wait: 9, receive: 0 },
    })),
  };
  writeFileSync(path, `\uFEFF${JSON.stringify({ log })}`);
  return path;
}

const textOf = async (work: ReturnType<ReturnType<typeof replayed>['send']>) =>
  Buffer.from((await work).body).toString();
const missOf = async (path: string, request: HttpRequest) => {
  const error = (await failureOf(replayed(path).send(request, call()))) as LwiError;
  expect(error).toBeInstanceOf(LwiError);
  return { code: error.code, message: error.message.replace(path, 'FILE') };
};

describe('a recording answers', () => {
  it('equal requests in their order, and others whatever their order', async () => {
    const { send } = replayed(await recordingOf([at('/a'), at('/b'), at('/a')]));
    expect(await textOf(send(at('/b'), call()))).toBe('1');
    expect(await textOf(send(at('/a'), call()))).toBe('0');
    expect(await textOf(send(at('/a'), call()))).toBe('2');
  });

  it('by method, URL and body, and not by headers', async () => {
    const post = (body: string) => at('/a', { method: 'POST', body });
    const { send } = replayed(await recordingOf([post('{"n":1}'), post('{"n":2}'), at('/a', { method: 'DELETE' })]));
    expect(await textOf(send({ ...post('{"n":2}'), headers: { 'x-load': '1' } }, call()))).toBe('1');
    expect(await textOf(send(at('/a', { method: 'DELETE' }), call()))).toBe('2');
  });

  it('a request whose secret it does not hold, by what stands around the gap', async () => {
    const secret = 'planted-in-the-vault';
    const hidden = at(`/keys/${secret}/x`, { method: 'POST', body: `{"a":"${secret}","n":1}` });
    const path = await recordingOf([at('/keys/other/x'), hidden], [secret]);
    expect(await textOf(replayed(path).send(hidden, call()))).toBe('1');
    const another = { ...hidden, body: `{"a":"${secret}","n":2}` };
    expect(await missOf(path, another)).toMatchObject({ code: 'NOT_RECORDED' });
  });
});

describe('a request that is not in it is NOT_RECORDED, with the nearest one and what differs', () => {
  it.each([
    [
      'another page',
      at('/items?page=2&size=5'),
      'GET https://api.acme.example/v1/items?page=1&size=5: page is 1 there and 2 here',
    ],
    [
      'a parameter more',
      at('/items?page=1&size=5&x=y'),
      'GET https://api.acme.example/v1/items?page=1&size=5: x=y is here only',
    ],
    [
      'a parameter less',
      at('/items?page=1'),
      'GET https://api.acme.example/v1/items?page=1&size=5: size=5 is there only',
    ],
    [
      'another path',
      at('/loads/8'),
      'GET https://api.acme.example/v1/loads/7: the path is /v1/loads/7 there and /v1/loads/8 here',
    ],
    [
      'another method',
      at('/loads/7', { method: 'HEAD' }),
      'GET https://api.acme.example/v1/loads/7: the method is GET there and HEAD here',
    ],
    [
      'another body',
      at('/loads', { method: 'POST', body: '{"lane":"B"}' }),
      'POST https://api.acme.example/v1/loads: the body at byte 9 is …{"lane":"A"}… there and …{"lane":"B"}… here',
    ],
  ])('%s', async (_, asked, nearest) => {
    const path = await recordingOf([
      at('/items?page=1&size=5'),
      at('/loads/7'),
      at('/loads', { method: 'POST', body: '{"lane":"A"}' }),
    ]);
    const message = `FILE does not have ${asked.method} ${asked.url}. Nearest: ${nearest}.`;
    expect(await missOf(path, asked)).toEqual({ code: 'NOT_RECORDED', message });
  });

  it('shows no credential of the request', async () => {
    const { message } = await missOf(await recordingOf([at('/items')]), at('/items?api_key=planted'));
    expect(message).toBe(
      'FILE does not have GET https://api.acme.example/v1/items?api_key=[redacted]. Nearest: GET https://api.acme.example/v1/items: api_key=[redacted] is here only.',
    );
  });

  it('says when the request is there, but not as often', async () => {
    const { send } = replayed(await recordingOf([REQUEST]));
    await send(REQUEST, call());
    expect(await failureOf(send(REQUEST, call()))).toMatchObject({
      code: 'NOT_RECORDED',
      message: expect.stringContaining('once, and it is asked for once more'),
    });
  });

  it('says when the recording is empty', async () => {
    expect((await missOf(await recordingOf([]), REQUEST)).message).toBe(
      `FILE holds no requests; GET ${REQUEST.url} was asked for.`,
    );
  });
});

describe('an archive of a browser', () => {
  it('is read as ever: a 401 is repeated, a 503 is retried, without waiting', async () => {
    const { url } = REQUEST;
    const path = browserFile([
      { url, status: 401, text: '{}' },
      { url, status: 503, text: '{}' },
      { url: `${url}#part`, status: 200, text: '{"ok":true}' },
    ]);
    const meter = { requests: 0, retries: 0, throttledMs: 0 };
    expect(await textOf(replayed(path).send(REQUEST, call({ meter })))).toBe('{"ok":true}');
    expect(meter).toEqual({ requests: 3, retries: 1, throttledMs: 0 });
  });
});

describe('a run that was stopped', () => {
  it('stops again where it was stopped', async () => {
    const { path, recorder } = recording();
    const stop = new AbortController();
    const reason = new LwiError('INTERRUPTED', 'Stopped by SIGINT.');
    const send = recorded(recorder, async () => {
      stop.abort(reason);
      throw reason;
    });
    await failureOf(send(REQUEST, call({ signal: stop.signal })));
    recorder.finish(reason);
    const { send: again, stops } = replayed(path);
    expect(await failureOf(again(REQUEST, call()))).toMatchObject({ code: 'INTERRUPTED', message: reason.message });
    expect(stops).toMatchObject([{ code: 'INTERRUPTED' }]);
  });
});

describe('the questions of a run', () => {
  it('are answered with the same values and errors, each question by itself', async () => {
    const { path, recorder } = recording();
    const { ask } = recorder;
    await ask('cursor a', async () => ({ watermark: 5, query: { access_token: 'planted' } }));
    await failureOf(ask('cursor b', () => Promise.reject(new LwiError('STORE_LOCKED', 'busy'))));
    await ask('cursor a', async () => undefined);
    recorder.finish();
    const { tape } = replayed(path);
    expect(tape.answer('cursor a')).toEqual({ watermark: 5, query: { access_token: '[redacted]' } });
    expect(() => tape.answer('cursor b')).toThrow(expect.objectContaining({ code: 'STORE_LOCKED', message: 'busy' }));
    expect(tape.answer('cursor a')).toBe(undefined);
    expect(() => tape.answer('cursor a')).toThrow(expect.objectContaining({ code: 'NOT_RECORDED' }));
  });
});
