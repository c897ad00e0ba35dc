import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { createServer as createTlsServer, getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { isLwiError } from '../../src/errors.ts';
import { transport } from '../../src/http/transport.ts';
import { type Certified, certificate } from '../support/certificate.ts';
import { freePort } from '../support/free-port.ts';
import { call, failureOf } from './support.ts';

const DAY_MS = 86_400_000;
const from = (days: number) => systemClock.now() + days * DAY_MS;

async function listening(server: Server, host = '127.0.0.1'): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** A TLS server on loopback that shows this certificate. */
function served(certified: Certified, options: object = {}): Promise<number> {
  return listening(createTlsServer({ ...certified, ...options }, (socket) => socket.on('error', () => {})));
}

/** What a GET ends with. */
async function outcome(url: string) {
  const wire = transport({ userAgent: 'lwi-test' });
  onTestFinished(wire.close);
  const error = await failureOf(wire.send({ method: 'GET', url, headers: {} }, call()));
  if (!isLwiError(error)) throw error;
  const { code, message, hint, retryable, exitCode, facts } = error;
  return { code, message, hint, retryable, exitCode, unsent: facts.unsent ?? false };
}

const AUTHORITIES = getCACertificates('default');
afterEach(() => setDefaultCACertificates(AUTHORITIES));
afterEach(() => vi.unstubAllEnvs());

describe('a certificate that does not hold', () => {
  const refused = (port: number, code: string, hint: RegExp) => ({
    ...{ code: 'TLS', message: `No safe connection to 127.0.0.1:${port} (${code}).` },
    ...{ hint: expect.stringMatching(hint), retryable: false, exitCode: 5, unsent: true },
  });

  it.each([
    ['made by itself', { host: '127.0.0.1', from: -1, until: 1 }, 'DEPTH_ZERO_SELF_SIGNED_CERT', /NODE_EXTRA_CA_CERTS/],
    [
      'signed by somebody whom nobody knows',
      { host: '127.0.0.1', from: -1, until: 1, byStranger: true },
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      /NODE_EXTRA_CA_CERTS/,
    ],
    ['that is over', { host: '127.0.0.1', from: -2, until: -1 }, 'CERT_HAS_EXPIRED', /clock/],
  ])('%s', async (_name, wanted, code, hint) => {
    const port = await served(certificate({ ...wanted, from: from(wanted.from), until: from(wanted.until) }));
    expect(await outcome(`https://127.0.0.1:${port}/`)).toEqual(refused(port, code, hint));
  });

  it.each([
    ['that begins tomorrow', { host: '127.0.0.1', from: 1, until: 2 }, 'CERT_NOT_YET_VALID', /clock/],
    ['for somebody else', { host: 'elsewhere.example', from: -1, until: 1 }, 'ERR_TLS_CERT_ALTNAME_INVALID', /address/],
  ])('%s, although it is trusted', async (_name, wanted, code, hint) => {
    const certified = certificate({ ...wanted, from: from(wanted.from), until: from(wanted.until) });
    setDefaultCACertificates([...AUTHORITIES, certified.cert]);
    const port = await served(certified);
    expect(await outcome(`https://127.0.0.1:${port}/`)).toEqual(refused(port, code, hint));
  });
});

describe('a handshake that fails', () => {
  it('against a server that speaks no TLS', async () => {
    const port = await listening(createHttpServer((_request, response) => response.end()));
    expect(await outcome(`https://127.0.0.1:${port}/`)).toMatchObject({
      ...{ code: 'TLS', message: `No safe connection to 127.0.0.1:${port} (ERR_SSL_WRONG_VERSION_NUMBER).` },
      ...{ hint: expect.stringContaining('speaks no TLS'), retryable: false, unsent: true },
    });
  });

  it('against a server of the past', async () => {
    const certified = certificate({ host: '127.0.0.1', from: from(-1), until: from(1) });
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
    const port = await served(certified, old);
    expect(await outcome(`https://127.0.0.1:${port}/`)).toMatchObject({ code: 'TLS', retryable: false, unsent: true });
  });

  it('that is cut off is trouble of the network, and may be repeated', async () => {
    const port = await listening(createTlsServer({}).on('connection', (socket) => socket.destroy()));
    expect(await outcome(`https://127.0.0.1:${port}/`)).toMatchObject({ code: 'NETWORK', retryable: true });
  });
});

it.each(['http', 'https'])(
  'a name that does not exist is DNS over %s: nothing was sent, and it may pass',
  async (scheme) => {
    expect(await outcome(`${scheme}://no-such-host.invalid/`)).toEqual({
      ...{
        code: 'DNS',
        message: expect.stringMatching(
          /^The name no-such-host\.invalid cannot be resolved \((ENOTFOUND|EAI_AGAIN)\)\.$/,
        ),
      },
      ...{ hint: 'Check the name of the host and the network, then run the command again.' },
      ...{ retryable: true, exitCode: 5, unsent: true },
    });
  },
);

describe('a proxy', () => {
  const proxyAt = (address: string) => {
    for (const name of ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY']) vi.stubEnv(name, address);
    for (const name of ['no_proxy', 'NO_PROXY']) vi.stubEnv(name, '');
  };
  const throughProxy = (address: string) => {
    proxyAt(address);
    return outcome('https://api.acme.example/');
  };

  it.each([
    ['407 Proxy Authentication Required', false, /HTTPS_PROXY/],
    ['403 Forbidden', false, /Check the network/],
    ['502 Bad Gateway', true, /Check the network/],
  ])('that answers %s is told apart from the provider', async (line, retryable, hint) => {
    const proxy = createHttpServer().on('connect', (_request, socket) => socket.end(`HTTP/1.1 ${line}\r\n\r\n`));
    const port = await listening(proxy);
    expect(await throughProxy(`http://127.0.0.1:${port}`)).toEqual({
      ...{
        code: 'NETWORK',
        message: `The proxy answered ${line.slice(0, 3)} and did not connect to api.acme.example.`,
      },
      ...{ hint: expect.stringMatching(hint), retryable, exitCode: 5, unsent: true },
    });
  });

  it('that is not there is named', async () => {
    const port = await freePort();
    const message = `No answer from api.acme.example (ECONNREFUSED at 127.0.0.1:${port}).`;
    expect(await throughProxy(`http://127.0.0.1:${port}`)).toMatchObject({ code: 'NETWORK', message, retryable: true });
  });

  it.each(['127.0.0.1', 'localhost'])('has no say in what is asked of this machine, at %s', async (host) => {
    const server = createHttpServer((_request, response) => response.end('{"here":true}'));
    const port = await listening(server, host);
    proxyAt(`http://127.0.0.1:${await freePort()}`);
    const wire = transport({ userAgent: 'lwi-test' });
    onTestFinished(wire.close);
    const answer = await wire.send({ method: 'GET', url: `http://${host}:${port}/`, headers: {} }, call());
    expect(Buffer.from(answer.body).toString()).toBe('{"here":true}');
  });

  it('whose name does not exist is named', async () => {
    expect(await throughProxy('http://no-such-proxy.invalid:8080')).toMatchObject({
      ...{ code: 'DNS', message: expect.stringContaining('no-such-proxy.invalid') },
    });
  });
});
