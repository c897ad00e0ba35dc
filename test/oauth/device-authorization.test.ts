import { describe, expect, it } from 'vitest';
import {
  awaitApproval,
  type DeviceAuthorization,
  isOwnPage,
  requestDeviceCode,
} from '../../src/oauth/device-authorization.ts';
import type { OAuthDefinition } from '../../src/providers/generic/definition.ts';
import { Secret } from '../../src/secret.ts';
import { acme, failureOf } from '../http/support.ts';
import { type Answer, oddServer, type Received } from '../support/odd-server.ts';
import { START, settled, virtualClock } from '../support/virtual-clock.ts';
import { protocolFor } from './support.ts';

const form = ({ body }: Received) => Object.fromEntries(new URLSearchParams(body));
const refusal = (error: string, status = 400): Answer => ({ status, json: { error } });
const PENDING = refusal('authorization_pending');
const TOKEN: Answer = { json: { access_token: 'access-1', token_type: 'bearer', refresh_token: 'refresh-1' } };
const CODES = {
  ...{ device_code: 'device-1', user_code: 'WDJB-MJHT', verification_uri: 'https://id.acme.example/device' },
  ...{ expires_in: 600, interval: 5 },
};

/** A protocol at a server of the test, which gives these answers in turn, the last one for all that follow. */
async function at(answers: readonly Answer[], oauth: OAuthDefinition = {}, signal = new AbortController().signal) {
  let asked = 0;
  const clock = virtualClock();
  const times: number[] = [];
  const server = await oddServer(() => {
    times.push((clock.now() - START) / 1000);
    return answers[Math.min(asked++, answers.length - 1)] ?? 'cut';
  });
  const provider = acme({ oauth: { grant: 'device_code', clientAuthentication: 'none', ...oauth } });
  const endpoints = {
    ...{ apiBaseUrl: 'https://x', tokenEndpoint: `${server.url}/token` },
    deviceAuthorizationEndpoint: `${server.url}/device`,
  };
  const protocol = protocolFor(provider, endpoints, { clock });
  return { ...server, clock, times, protocol: { ...protocol, call: { ...protocol.call, signal } } };
}

const device = (change: Partial<DeviceAuthorization> = {}): DeviceAuthorization => ({
  ...{ deviceCode: new Secret('device-1'), userCode: 'WDJB-MJHT', verificationUri: new URL(CODES.verification_uri) },
  ...{ expiresAt: START + 600_000, intervalMs: 5000, ...change },
});

describe('the request for a device code', () => {
  it.each<[NonNullable<OAuthDefinition['clientAuthentication']>, object, string | undefined]>([
    ['none', { client_id: 'client-1' }, undefined],
    ['body', { client_id: 'client-1', client_secret: 'secret-1' }, undefined],
    ['basic', {}, `Basic ${Buffer.from('client-1:secret-1').toString('base64')}`],
  ])('authenticates the client as at the token endpoint: %s', async (clientAuthentication, fields, authorization) => {
    const { protocol, received } = await at([{ json: CODES }], {
      clientAuthentication,
      authorizationParameters: { audience: 'https://api.acme.example' },
    });
    await requestDeviceCode(protocol, ['read', 'write']);
    expect(received.map((one) => [one.method, one.path, form(one), one.headers.authorization])).toEqual([
      ['POST', '/device', { audience: 'https://api.acme.example', scope: 'read write', ...fields }, authorization],
    ]);
  });

  it.each<[string, object, Partial<Record<keyof DeviceAuthorization, unknown>>]>([
    ['as the standard has it', {}, {}],
    ['without an interval: five seconds', { interval: undefined }, { intervalMs: 5000 }],
    ['with numbers in quotes', { interval: '7', expires_in: '60' }, { intervalMs: 7000, expiresAt: START + 60_000 }],
    ['with an interval that is none', { interval: -1 }, { intervalMs: 5000 }],
    ['without a life: half an hour', { expires_in: undefined }, { expiresAt: START + 1_800_000 }],
    [
      'with the page that knows the code',
      { verification_uri_complete: 'https://id.acme.example/device?c=1' },
      { verificationUriComplete: new URL('https://id.acme.example/device?c=1') },
    ],
    ['with such a page over plain http, which is left out', { verification_uri_complete: 'http://a.example/' }, {}],
    ["in Google's spelling", { verification_uri: undefined, verification_url: CODES.verification_uri }, {}],
    ['with a code that would move the cursor', { user_code: 'WD\u001b[2JJB\r\nX' }, { userCode: 'WD[2JJB X' }],
  ])('is answered %s', async (_name, members, expected) => {
    const { protocol } = await at([{ json: { ...CODES, ...members } }]);
    const { deviceCode, ...rest } = await requestDeviceCode(protocol, []);
    expect({ deviceCode: deviceCode.reveal(), ...rest }).toEqual({
      ...{ deviceCode: 'device-1', userCode: CODES.user_code, verificationUri: new URL(CODES.verification_uri) },
      ...{ verificationUriComplete: undefined, expiresAt: START + 600_000, intervalMs: 5000, ...expected },
    });
  });

  it.each<[string, Answer, object]>([
    ['a page', { html: '<html></html>' }, { code: 'BAD_RESPONSE' }],
    ['no codes', { json: { verification_uri: CODES.verification_uri } }, { code: 'BAD_RESPONSE' }],
    ['a page over plain http', { json: { ...CODES, verification_uri: 'http://a.example/' } }, { code: 'BAD_RESPONSE' }],
    [
      'a page that is a script',
      { json: { ...CODES, verification_uri: 'javascript:alert(1)' } },
      { code: 'BAD_RESPONSE' },
    ],
    ['an unknown client', refusal('invalid_client', 401), { code: 'CLIENT_REJECTED' }],
    ['a refusal', refusal('invalid_scope'), { code: 'PROVIDER_REFUSED', facts: { providerCode: 'invalid_scope' } }],
    ['a refusal with 200 (GitHub)', refusal('device_flow_disabled', 200), { code: 'PROVIDER_REFUSED' }],
    ['trouble', { status: 503 }, { code: 'SERVER_ERROR' }],
  ])('that comes to %s is told for what it is', async (_name, answer, expected) => {
    const { protocol } = await at([answer]);
    expect(await failureOf(requestDeviceCode(protocol, []))).toMatchObject(expected);
  });

  it('needs an endpoint that is secure', async () => {
    const { protocol, received } = await at([{ json: CODES }]);
    const ask = (deviceAuthorizationEndpoint?: string) => {
      const { apiBaseUrl } = protocol.endpoints;
      const endpoints = deviceAuthorizationEndpoint ? { apiBaseUrl, deviceAuthorizationEndpoint } : { apiBaseUrl };
      return failureOf(requestDeviceCode({ ...protocol, endpoints }, []));
    };
    expect(await ask('http://id.acme.example/device')).toMatchObject({ code: 'CONFIG_INVALID' });
    expect(await ask()).toMatchObject({ code: 'UNSUPPORTED' });
    expect(received).toEqual([]);
  });
});

describe('the wait for the approval', () => {
  it.each<[string, readonly Answer[], readonly number[]]>([
    ['at the interval of the server, first after it', [PENDING, PENDING, TOKEN], [5, 10, 15]],
    [
      'five seconds slower after each slow_down',
      [refusal('slow_down'), PENDING, refusal('slow_down'), TOKEN],
      [5, 15, 25, 40],
    ],
    ['half as often after each question without an answer', ['cut', 'cut', PENDING, TOKEN], [5, 15, 35, 55]],
    ['half as often while the server is in trouble', [{ status: 503 }, TOKEN], [5, 15]],
    [
      'as late as the server in trouble asks for',
      [{ status: 503, headers: { 'retry-after': '90' } }, PENDING, TOKEN],
      [5, 95, 105],
    ],
    ['also where refusals come with 200 (GitHub)', [refusal('authorization_pending', 200), TOKEN], [5, 10]],
  ])('asks %s', async (_name, answers, expected) => {
    const { protocol, clock, times, received } = await at(answers);
    const set = await clock.until(awaitApproval(protocol, device(), clock));
    expect([set.accessToken.reveal(), set.refreshToken?.reveal()]).toEqual(['access-1', 'refresh-1']);
    expect(times).toEqual(expected);
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
    expect(received[0] && form(received[0])).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      ...{ device_code: 'device-1', client_id: 'client-1' },
    });
  });

  it('never asks less often than once a minute for trouble on the way', async () => {
    const { protocol, clock } = await at(['cut']);
    await failureOf(clock.until(awaitApproval(protocol, device(), clock)));
    expect(Math.max(...clock.slept)).toBe(60_000);
  });

  it.each<[string, Answer, object]>([
    ['the person refuses', refusal('access_denied'), { code: 'CONSENT_REFUSED', exitCode: 3 }],
    ['the code has ended', refusal('expired_token'), { code: 'CONNECT_TIMEOUT', exitCode: 3 }],
    ['the code is unknown', refusal('invalid_grant'), { code: 'GRANT_REJECTED', exitCode: 3 }],
    ['the client is unknown', refusal('invalid_client', 401), { code: 'CLIENT_REJECTED', exitCode: 3 }],
    ['a word that no standard knows', refusal('constructor'), { code: 'PROVIDER_REFUSED', exitCode: 4 }],
    ['a page in place of an answer', { html: '<html></html>' }, { code: 'BAD_RESPONSE', exitCode: 5 }],
  ])('ends when %s', async (_name, answer, expected) => {
    const { protocol, clock, times } = await at([PENDING, answer]);
    expect(await failureOf(clock.until(awaitApproval(protocol, device(), clock)))).toMatchObject(expected);
    expect(times).toHaveLength(2);
  });

  it('ends with the life of the code, without a question after it', async () => {
    const { protocol, clock, times } = await at([PENDING]);
    const short = device({ expiresAt: START + 12_000 });
    expect(await failureOf(clock.until(awaitApproval(protocol, short, clock)))).toMatchObject({
      ...{ code: 'CONNECT_TIMEOUT', message: 'The code of Acme ended before anybody approved.' },
      hint: 'Run `lwi connect acme -a acme` again and enter the new code.',
    });
    expect(times).toHaveLength(2);
  });

  it('ends at once when the person stops it, between questions and in the middle of one', async () => {
    for (const answer of [PENDING, 'hang'] as const) {
      const person = new AbortController();
      const { protocol, clock, received } = await at([answer], {}, person.signal);
      const work = failureOf(awaitApproval(protocol, device(), clock));
      await settled();
      await clock.advance(5000);
      await expect.poll(() => received.length).toBe(1);
      person.abort(new Error('stopped'));
      expect(await work).toEqual(new Error('stopped'));
    }
  });
});

describe('a browser', () => {
  it('is sent only to the host of the device endpoint or of the issuer', () => {
    const endpoints = {
      ...{ apiBaseUrl: 'https://api.acme.example', issuer: 'https://id.acme.example/tenant' },
      deviceAuthorizationEndpoint: 'https://login.acme.example:8443/device',
    };
    const own = (page: string) => isOwnPage({ endpoints }, new URL(page));
    expect({
      issuer: own('https://id.acme.example/enter?code=1'),
      endpoint: own('https://login.acme.example:8443/enter'),
      port: own('https://login.acme.example/enter'),
      api: own('https://api.acme.example/enter'),
      below: own('https://evil.id.acme.example/enter'),
      user: own('https://id.acme.example@evil.example/'),
    }).toEqual({ issuer: true, endpoint: true, port: false, api: false, below: false, user: false });
    expect(isOwnPage({ endpoints: { apiBaseUrl: 'https://x' } }, new URL('https://x/'))).toBe(false);
  });
});
