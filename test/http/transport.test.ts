import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isLwiError } from '../../src/errors.ts';
import { bodyText, type HttpRequest } from '../../src/http/http.ts';
import { type TransportOptions, transport } from '../../src/http/transport.ts';
import { freePort } from '../support/free-port.ts';
import { listening } from '../support/listening.ts';
import { call, failureOf } from './support.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A server on loopback for one test. */
function served(handler: Handler): Promise<string> {
  return listening(createServer(handler));
}

function wire(options: Partial<TransportOptions> = {}) {
  const { send, close } = transport({ userAgent: 'lwi-test', ...options });
  onTestFinished(close);
  return send;
}

const get = (url: string, change: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url,
  headers: {},
  ...change,
});

/** Code and whether the request certainly never left. */
async function verdict(work: Promise<unknown>) {
  const error = await failureOf(work);
  return isLwiError(error) ? [error.code, error.facts.unsent ?? false] : error;
}

describe('the transport', () => {
  it('sends method, headers and body, and reads status, headers and body', async () => {
    const url = await served((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        response.writeHead(422, { 'X-Twice': ['a', 'b'], 'content-type': 'text/plain' });
        response.end(
          `${request.method} ${request.url} ${request.headers['user-agent']} ${request.headers['x-a']} ${Buffer.concat(chunks)}`,
        );
      });
    });
    const answer = await wire()(get(`${url}/x?y=1`, { method: 'POST', headers: { 'x-a': '1' }, body: 'é' }), call());
    expect([answer.status, answer.headers['x-twice'], bodyText(answer)]).toEqual([
      422,
      'a, b',
      'POST /x?y=1 lwi-test 1 é',
    ]);
  });

  it('keeps bytes as they are', async () => {
    const bytes = new Uint8Array([0, 255, 10, 13, 128]);
    const url = await served((request, response) => request.pipe(response));
    const answer = await wire()(get(url, { method: 'POST', body: bytes }), call());
    expect(new Uint8Array(answer.body)).toEqual(bytes);
  });

  it('takes an answer without a body', async () => {
    const url = await served((_request, response) => response.writeHead(204).end());
    const { status, body } = await wire()(get(url), call());
    expect([status, body.length]).toEqual([204, 0]);
  });

  it('does not follow a redirect, because a token must not travel there', async () => {
    const asked: string[] = [];
    const url = await served((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    const answer = await wire()(get(`${url}/here`), call());
    expect([answer.status, answer.headers['location'], asked]).toEqual([302, '/elsewhere', ['/here']]);
  });

  it('knows that a refused connection sent nothing', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const work = wire()(get(url), call());
    expect(await verdict(work)).toEqual(['NETWORK', true]);
    expect(await failureOf(work)).toMatchObject({ message: expect.stringContaining('ECONNREFUSED') });
  });

  it('does not know what a broken connection did', async () => {
    const url = await served((request) => request.socket.destroy());
    expect(await verdict(wire()(get(url), call()))).toEqual(['NETWORK', false]);
  });

  it('does not take half an answer for a whole one', async () => {
    const url = await served((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    });
    expect(await verdict(wire()(get(url), call()))).toEqual(['NETWORK', false]);
  });

  it('stops when the person does, with the reason given', async () => {
    const url = await served(() => {});
    const person = new AbortController();
    const work = failureOf(wire()(get(url), call({ signal: person.signal })));
    person.abort(new Error('stopped'));
    expect(await work).toEqual(new Error('stopped'));
  });

  it('does not begin when the person stopped before', async () => {
    let asked = 0;
    const url = await served((_request, response) => {
      asked += 1;
      response.end();
    });
    const signal = AbortSignal.abort(new Error('stopped'));
    expect(await failureOf(wire()(get(url), call({ signal })))).toEqual(new Error('stopped'));
    expect(asked).toBe(0);
  });

  it('does not swallow more than it can take', async () => {
    const url = await served((_request, response) => response.end('x'.repeat(2001)));
    const error = await failureOf(wire({ largestBody: 2000 })(get(url), call()));
    expect(isLwiError(error) && [error.code, error.retryable, error.hint]).toEqual([
      ...['BAD_RESPONSE', false, 'Ask for less at once: a smaller page, a shorter window.'],
    ]);
    expect((await wire({ largestBody: 2001 })(get(url), call())).body).toHaveLength(2001);
  });

  it('counts a compressed answer by what comes out of it', async () => {
    const bomb = gzipSync('x'.repeat(1_000_000));
    const url = await served((_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
    expect(bomb.length).toBeLessThan(2000);
    expect(await verdict(wire({ largestBody: 2000 })(get(url), call()))).toEqual(['BAD_RESPONSE', false]);
    expect((await wire()(get(url), call())).body).toHaveLength(1_000_000);
  });

  it('says what cannot be sent without repeating the value, which may be a token', async () => {
    const work = wire()(get('http://127.0.0.1:9999/', { headers: { authorization: 'Bearer s3cr3t\nx' } }), call());
    const error = await failureOf(work);
    expect(isLwiError(error) && [error.code, error.facts.unsent, error.message, error.cause]).toEqual([
      'USAGE',
      true,
      'The request to 127.0.0.1:9999 cannot be sent: its method or a header is not valid HTTP.',
      undefined,
    ]);
  });

  it('says what fetch sends to no port of (Fetch standard, port blocking)', async () => {
    const error = await failureOf(wire()(get('http://127.0.0.1:25/'), call()));
    const message = 'The request to 127.0.0.1:25 cannot be sent: its port is one that HTTP never uses.';
    expect(isLwiError(error) && [error.code, error.facts.unsent, error.message]).toEqual(['USAGE', true, message]);
    expect(isLwiError(error) && error.hint).toMatch(/^Name another port where .* LWI_MOCK_URL .* in the config\.$/);
  });

  it('names connection and host in its errors, and never the query', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const error = await failureOf(wire()(get(`${url}/x?code=s3cr3t`), call()));
    expect(isLwiError(error) && error.toJSON()).toMatchObject({ provider: 'quickbooks', account: 'acme' });
    expect(isLwiError(error) && error.message).toBe(`No answer from ${new URL(url).host} (ECONNREFUSED).`);
  });
});
