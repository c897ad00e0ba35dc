import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type LoopbackListener, listenForRedirect } from '../../src/oauth/loopback.ts';
import type { ExpectedAnswer } from '../../src/oauth/redirect-check.ts';
import { failureOf } from '../http/support.ts';
import { freePort, occupyPort } from '../support/free-port.ts';

const STATE = 'state-1';
const PAGE = { good: true, title: 'Connected', text: 'You can close this page.' };

interface Seen {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** A request as exactly as a browser or an attacker would send it. */
function ask(
  target: { port: number; address?: string },
  path: string,
  more: { method?: string; host?: string; destination?: string } = {},
) {
  const { address = '127.0.0.1', port } = target;
  const host = more.host ?? `${address.includes(':') ? `[${address}]` : address}:${port}`;
  const headers = { host, ...(more.destination ? { 'sec-fetch-dest': more.destination } : {}) };
  return new Promise<Seen>((resolve, reject) => {
    const sent = httpRequest(
      { host: address, port, path, method: more.method ?? 'GET', headers, agent: false },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text) => {
          body += text;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }));
      },
    );
    sent.on('error', reject).end();
  });
}

async function listening(redirect = 'http://127.0.0.1:0/callback', expected: Partial<ExpectedAnswer> = {}) {
  const listener: LoopbackListener = await listenForRedirect(new URL(redirect), Number(new URL(redirect).port));
  onTestFinished(() => listener.close());
  const port = Number(new URL(listener.redirectUri).port);
  const callback = listener.callback({ state: STATE, ...expected }, new AbortController().signal);
  callback.catch(() => {});
  return { listener, port, callback };
}

const GOOD = `/callback?code=c-1&state=${STATE}`;

describe('the loopback listener', () => {
  it('takes the awaited redirect and shows what came of it', async () => {
    const { port, callback } = await listening();
    const browser = ask({ port }, `${GOOD}&realmId=9130`);
    const { query, respond } = await callback;
    expect(Object.fromEntries(query)).toEqual({ code: 'c-1', state: STATE, realmId: '9130' });
    await respond(PAGE);
    const { status, body, headers } = await browser;
    expect([status, body.includes('<h1>Connected</h1>'), headers['content-security-policy'] !== undefined]).toEqual([
      200,
      true,
      true,
    ]);
  });

  it('takes the refusal of the person as well', async () => {
    const { port, callback } = await listening();
    const browser = ask({ port }, `/callback?error=access_denied&state=${STATE}`);
    const { query, respond } = await callback;
    expect(query.get('error')).toBe('access_denied');
    await respond({ ...PAGE, good: false });
    expect((await browser).status).toBe(200);
  });

  it.each<[string, number, string, { method?: string; host?: string; destination?: string }?]>([
    ['a wrong path', 404, `/favicon.ico?code=c&state=${STATE}`],
    ['a path below the right one', 404, `/callback/x?code=c&state=${STATE}`],
    ['two slashes for a path', 404, '//'],
    ['another host in the target', 404, `//evil.example${GOOD}`],
    ['a whole URL as the target', 404, `http://127.0.0.1${GOOD}`],
    ['a URL that cannot be read', 404, '//['],
    ['a star', 404, '*', { method: 'OPTIONS' }],
    ['no state', 400, '/callback?code=c'],
    ['a wrong state', 400, '/callback?code=c&state=other'],
    ['an empty state', 400, '/callback?code=c&state='],
    ['a repeated state', 400, `/callback?code=c&state=${STATE}&state=${STATE}`],
    ['neither a code nor an error', 400, `/callback?state=${STATE}`],
    ['a POST', 405, GOOD, { method: 'POST' }],
    ['a HEAD', 405, GOOD, { method: 'HEAD' }],
    ['a preflight', 405, GOOD, { method: 'OPTIONS' }],
    ['a frame', 403, GOOD, { destination: 'iframe' }],
    ['an image', 403, GOOD, { destination: 'image' }],
    ['a script that fetches', 403, GOOD, { destination: 'empty' }],
    ['a foreign Host', 421, GOOD, { host: 'evil.example' }],
    ['a foreign Host with the right port', 421, GOOD, { host: 'evil.example:80' }],
    ['a Host without the port', 421, GOOD, { host: '127.0.0.1' }],
  ])('answers %s with %i and goes on waiting', async (_name, status, path, more) => {
    const { port, callback } = await listening();
    expect((await ask({ port }, path, more)).status).toBe(status);
    const browser = ask({ port }, GOOD);
    const { query, respond } = await callback;
    expect(query.get('code')).toBe('c-1');
    await respond(PAGE);
    expect((await browser).status).toBe(200);
  });

  it('answers 421 to whoever shares only the port', async () => {
    const { port } = await listening();
    expect((await ask({ port }, GOOD, { host: `evil.example:${port}` })).status).toBe(421);
    expect((await ask({ port }, GOOD, { host: `127.0.0.1.evil.example:${port}` })).status).toBe(421);
  });

  it('does not take a second redirect, answers it 409, and tells it what came of the first', async () => {
    const { port, callback } = await listening();
    const first = ask({ port }, GOOD);
    const { query, respond } = await callback;
    const second = ask({ port }, GOOD.replace('c-1', 'c-2'));
    // Whoever asks later and is answered shows that the second one has arrived.
    await ask({ port }, '/');
    await respond(PAGE);
    const third = await ask({ port }, GOOD);
    const answers = [await first, await second, third];
    expect(answers.map(({ status }) => status)).toEqual([200, 409, 409]);
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect(query.get('code')).toBe('c-1');
  });

  it('goes to a document where the browser says what it is for', async () => {
    const { port, callback } = await listening();
    const browser = ask({ port }, GOOD, { destination: 'document' });
    await (await callback).respond(PAGE);
    expect((await browser).status).toBe(200);
  });

  it('says what a refused method may be', async () => {
    const { port } = await listening();
    expect((await ask({ port }, GOOD, { method: 'POST' })).headers['allow']).toBe('GET');
  });

  it('tells the person who comes with the answer of an earlier attempt what to do', async () => {
    const { port } = await listening();
    const { body } = await ask({ port }, '/callback?code=c&state=earlier');
    expect(body).toContain('<h1>Nothing was connected here</h1>');
    expect(body).toContain('belongs to another attempt to connect');
    expect(body).toContain('run <code>lwi connect</code> again');
  });

  it('expects nothing before it is asked to', async () => {
    const listener = await listenForRedirect(new URL('http://127.0.0.1/callback'), 0);
    onTestFinished(() => listener.close());
    const port = Number(new URL(listener.redirectUri).port);
    expect((await ask({ port }, GOOD)).status).toBe(404);
  });

  it('puts nothing of the request into its pages', async () => {
    const { port } = await listening();
    expect((await ask({ port }, '/callback?code=c&state=%3Cscript%3Es3cr3t')).body).not.toContain('s3cr3t');
  });
});

describe('the issuer in the redirect (RFC 9207)', () => {
  const issuer = 'https://id.acme.example';

  it('is compared when it comes', async () => {
    const { port, callback } = await listening(undefined, { issuer });
    expect((await ask({ port }, `${GOOD}&iss=https%3A%2F%2Fevil.example`)).status).toBe(400);
    expect((await ask({ port }, `/callback?error=access_denied&state=${STATE}&iss=x`)).status).toBe(400);
    expect((await ask({ port }, `${GOOD}&iss=${encodeURIComponent(`${issuer}/`)}`)).status).toBe(400);
    const browser = ask({ port }, `${GOOD}&iss=${encodeURIComponent(issuer)}`);
    await (await callback).respond(PAGE);
    expect((await browser).status).toBe(200);
  });

  it('may be missing, unless the issuer announces it', async () => {
    const strict = await listening(undefined, { issuer, issuerInRedirect: true });
    expect((await ask({ port: strict.port }, GOOD)).status).toBe(400);
    const { port, callback } = await listening(undefined, { issuer });
    const browser = ask({ port }, GOOD);
    await (await callback).respond(PAGE);
    expect((await browser).status).toBe(200);
  });
});

describe('the address of the listener', () => {
  it('is filled in with the port that was free', async () => {
    const { listener, port } = await listening('http://127.0.0.1:0/callback?x=1');
    expect([listener.redirectUri, port > 0]).toEqual([`http://127.0.0.1:${port}/callback?x=1`, true]);
  });

  it('is 127.0.0.1 and ::1 for localhost', async () => {
    const { port, callback } = await listening(`http://localhost:${await freePort()}/callback`);
    expect((await ask({ port, address: '::1' }, '/')).status).toBe(404);
    const browser = ask({ port }, GOOD, { host: `localhost:${port}` });
    await (await callback).respond(PAGE);
    expect((await browser).status).toBe(200);
  });

  it.each([
    ['[::1]', '::1', '127.0.0.1'],
    ['127.0.0.1', '127.0.0.1', '::1'],
    ['127.0.0.5', '127.0.0.5', '127.0.0.1'],
  ])('is that of the redirect alone for %s', async (host, address, other) => {
    const { port, callback } = await listening(`http://${host}:${await freePort()}/callback`);
    expect(await failureOf(ask({ port, address: other }, '/'))).toMatchObject({ code: 'ECONNREFUSED' });
    const browser = ask({ port, address }, GOOD);
    await (await callback).respond(PAGE);
    expect((await browser).status).toBe(200);
  });

  it('stays 127.0.0.1 behind a page that forwards to it', async () => {
    const listener = await listenForRedirect(new URL('https://acme.example/callback'), 0);
    onTestFinished(() => listener.close());
    expect(listener.redirectUri).toBe('https://acme.example/callback');
  });

  it('may be taken already', async () => {
    const { port, server } = await occupyPort();
    onTestFinished(() => void server.close());
    expect(await failureOf(listenForRedirect(new URL(`http://127.0.0.1:${port}/callback`), port))).toMatchObject({
      code: 'PORT_IN_USE',
      message: `Port ${port} on 127.0.0.1 cannot be used (EADDRINUSE).`,
    });
  });
});

describe('the end of the wait', () => {
  it('comes with the signal, also when that came first', async () => {
    const { listener } = await listening();
    const person = new AbortController();
    const waiting = failureOf(listener.callback({ state: STATE }, person.signal));
    person.abort(new Error('stopped'));
    expect(await waiting).toEqual(new Error('stopped'));
    expect(await failureOf(listener.callback({ state: STATE }, person.signal))).toEqual(new Error('stopped'));
  });

  it('is told to a redirect that comes after the answer came another way', async () => {
    const { listener, port } = await listening();
    const other = new AbortController();
    const waiting = failureOf(listener.callback({ state: STATE }, other.signal));
    other.abort(new Error('pasted'));
    await waiting;
    expect((await ask({ port }, GOOD)).status).toBe(404);
  });

  it('leaves no listener behind', async () => {
    const { listener, port } = await listening();
    await listener.close();
    expect(await failureOf(ask({ port }, GOOD))).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('does not wait for a browser that has gone', async () => {
    const { port, callback } = await listening();
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(`GET ${GOOD} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`),
    );
    const { respond } = await callback;
    socket.destroy();
    // The listener has noticed when it answers somebody who came later.
    await ask({ port }, '/');
    await ask({ port }, '/');
    await respond(PAGE);
  });
});
