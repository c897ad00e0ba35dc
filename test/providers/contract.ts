import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ERROR_KINDS, isLwiError } from '../../src/errors.ts';
import type { HttpRequest } from '../../src/http/http.ts';
import { seededRandom } from '../../src/mock/seeded-random.ts';
import type { Endpoints, Provider } from '../../src/providers/provider.ts';
import { Secret } from '../../src/secret.ts';
import { sign } from '../../src/webhooks/sign.ts';
import { verify } from '../../src/webhooks/verify.ts';
import { answer, DAY_MS, NOW, windowFrom } from './support.ts';

const MOCK_URL = 'http://127.0.0.1:8915';

function urlsOf({ apiBaseUrl, ...rest }: Endpoints): string[] {
  return [apiBaseUrl, ...Object.values(rest)].filter((url) => url !== undefined);
}

/** What every provider owes to the rest of lwi, whatever it is. */
export function describeProvider(provider: Provider): void {
  const { environments, oauth, streams, webhook } = provider;

  describe(`the provider ${provider.id}`, () => {
    test('has an id that fits on a command line and into a variable name', () => {
      expect(provider.id).toMatch(/^[a-z][a-z0-9-]*$/);
      expect(provider.title).not.toBe('');
    });

    test('speaks https to every real endpoint', () => {
      const real = [environments.production, environments.sandbox].filter((endpoints) => endpoints !== undefined);
      expect(real.length).toBeGreaterThan(0);
      const variants = Object.values(oauth.variants ?? {}).flatMap(({ endpoints }) =>
        endpoints ? real.map(endpoints) : [],
      );
      expect([...real, ...variants].flatMap(urlsOf).filter((url) => !/^https:\/\/[^/]+/.test(url))).toEqual([]);
    });

    test('keeps every endpoint of the mock under the mock', () => {
      const mock = environments.mock?.(MOCK_URL);
      if (!mock) return;
      const variants = Object.values(oauth.variants ?? {}).flatMap(({ endpoints }) =>
        endpoints ? [endpoints(mock)] : [],
      );
      const outside = [mock, ...variants]
        .flatMap(urlsOf)
        .filter((url) => !url.startsWith(`${MOCK_URL}/${provider.id}`));
      expect(outside).toEqual([]);
      expect(mock.apiBaseUrl.endsWith('/')).toBe(false);
    });

    test('has the endpoints that its grant needs, or an issuer that tells them', () => {
      for (const endpoints of [environments.production, environments.mock?.(MOCK_URL)]) {
        if (!endpoints || oauth.grant === 'token') continue;
        expect(endpoints.tokenEndpoint ?? endpoints.issuer).toBeDefined();
        if (oauth.grant === 'authorization_code') {
          expect(endpoints.authorizationEndpoint ?? endpoints.issuer).toBeDefined();
        }
      }
    });

    test('counts every request against limits that exist and can be met', () => {
      const rules = new Map(provider.limits.map((rule) => [rule.name, rule]));
      expect(rules.size).toBe(provider.limits.length);
      const paths = streams.map((stream) => stream.start(windowFrom()).request.path);
      for (const path of [...paths, provider.api.probe.path, '/anything/else?x=1', '/__proto__', 'constructor', '']) {
        const names = provider.limitsFor('GET', path);
        expect(names.length).toBeGreaterThan(0);
        expect(names.filter((name) => !rules.has(name.split(':', 1)[0] ?? ''))).toEqual([]);
      }
      for (const rule of provider.limits) {
        expect(Math.min(rule.permits, rule.perMs, rule.burst, rule.concurrency)).toBeGreaterThan(0);
        expect(rule.burst).toBeLessThanOrEqual(rule.permits);
      }
    });

    test('names each stream once, in words for a command line', () => {
      const names = streams.map((stream) => stream.name);
      expect(new Set(names).size).toBe(names.length);
      expect(names.filter((name) => !/^[a-z]+(-[a-z]+)*$/.test(name))).toEqual([]);
    });

    test.each(streams.map((stream) => [stream.name, stream] as const))(
      '%s starts with requests that survive storage',
      (_name, stream) => {
        for (const since of [undefined, NOW - DAY_MS, NOW - 400 * DAY_MS]) {
          const { request, coverage } = stream.start(windowFrom(since));
          expect(JSON.parse(JSON.stringify(request))).toEqual(request);
          expect(request.path).toMatch(/^\/[^?#]*$/);
          expect(coverage.every((sentence) => sentence.endsWith('.'))).toBe(true);
        }
      },
    );

    test.each(streams.map((stream) => [stream.name, stream] as const))(
      '%s reads any JSON or calls it a bad response',
      (_name, stream) => {
        const window = windowFrom(NOW - DAY_MS);
        const { request } = stream.start(window);
        fc.assert(
          fc.property(fc.jsonValue(), (body) => {
            try {
              const page = stream.parse({ request, window, body, headers: {}, until: NOW });
              expect(page.records).toEqual([]);
            } catch (error) {
              if (!isLwiError(error, 'BAD_RESPONSE')) throw error;
            }
          }),
          { numRuns: 50 },
        );
      },
    );

    test('says of each of its codes once what lwi takes it for, in words without a full stop', () => {
      const codes = provider.faultCodes.map(({ code }) => code);
      expect(codes.filter((code, index) => code === '' || codes.indexOf(code) !== index)).toEqual([]);
      for (const { error, meaning } of provider.faultCodes) {
        expect(ERROR_KINDS).toHaveProperty(error);
        expect(meaning).toMatch(/^\S.*[^.\s]$/);
      }
    });

    test('finds nothing wrong with a plain success', () => {
      expect(provider.classify(answer(200, { ok: true, items: [{ id: '1' }] }))).toBeUndefined();
      expect(provider.classify(answer(200, []))).toBeUndefined();
      expect(provider.classify(answer(204, ''))).toBeUndefined();
    });

    test('classifies any bytes under any status without throwing', () => {
      const bytes = fc.oneof(
        fc.uint8Array({ maxLength: 64 }),
        fc.json().map((text) => new TextEncoder().encode(text)),
        fc
          .constantFrom(
            '{"Fault":null}',
            '{"fault":[]}',
            '<Fault',
            '<Fault type="',
            '{"ok":false}',
            '{"Success":false}',
          )
          .map((text) => new TextEncoder().encode(text)),
      );
      fc.assert(
        fc.property(bytes, fc.constantFrom(200, 400, 401, 403, 404, 429, 500, 503), (body, status) => {
          const fault = provider.classify({ status, headers: {}, body });
          expect(fault === undefined || fault.message.length > 0).toBe(true);
        }),
      );
    });

    test('finds the page after any answer without throwing, and finds none after an answer that is junk', () => {
      const base = environments.production?.apiBaseUrl ?? '';
      const paths = [
        ...streams.map((stream) => stream.start(windowFrom()).request),
        { method: 'POST', path: '/v3/company/1/query', query: {} },
        { method: 'GET', path: '/anything/else', query: { page: 'x', cursor: '', pageNumber: 'NaN', offset: '-1' } },
      ];
      const request = fc
        .record({ of: fc.constantFrom(...paths), body: fc.option(fc.string(), { nil: undefined }), type: fc.string() })
        .map(({ of: { method, path, query }, body, type }) => ({
          ...{ method, url: `${base}${path}?${new URLSearchParams(query)}`, headers: { 'content-type': type } },
          ...(body === undefined ? {} : { body }),
        }));
      const header = fc.oneof(
        fc.string(),
        fc.json(),
        fc.constant('<>; rel=next'),
        fc.constant('<http://[>; rel="next"'),
      );
      const headers = fc.record({ link: header, 'x-pagination': header }, { requiredKeys: [] });
      const body = fc.oneof(
        fc.uint8Array({ maxLength: 64 }),
        fc.json().map((text) => new TextEncoder().encode(text)),
      );
      fc.assert(
        fc.property(request, headers, body, (asked, given, bytes) => {
          const page = provider.api.nextPage?.(asked, { status: 200, headers: given, body: bytes }, base);
          if (page !== undefined && 'next' in page) expect(URL.canParse(page.next.url)).toBe(true);
        }),
      );
      fc.assert(
        fc.property(request, fc.uint8Array({ maxLength: 64 }), (asked, bytes) => {
          const page = provider.api.nextPage?.(asked, { status: 200, headers: {}, body: bytes }, base);
          expect(page === undefined || !('next' in page)).toBe(true);
        }),
      );
    });

    test('ends the pages of a request whose answers stop telling of more', () => {
      for (const { request } of streams.map((stream) => stream.start(windowFrom()))) {
        const url = `${environments.production?.apiBaseUrl}${request.path}?${new URLSearchParams({ ...request.query })}`;
        let asked: HttpRequest | undefined = { method: request.method, url, headers: {} };
        for (let page = 0; asked !== undefined; page++) {
          expect(page).toBeLessThan(3);
          const next: ReturnType<NonNullable<typeof provider.api.nextPage>> | undefined = provider.api.nextPage?.(
            asked,
            answer(200, {
              ok: true,
              QueryResponse: {},
              CarrierList: [],
              data: [],
              pageNumber: page + 1,
              totalPages: 2,
            }),
            environments.production?.apiBaseUrl ?? '',
          );
          asked = next !== undefined && 'next' in next ? next.next : undefined;
        }
      }
    });

    test('takes a key of idempotency once, and calls the request repeatable with it', () => {
      const { idempotency, repeatable } = provider.api;
      for (const path of [
        '/v3/company/1/invoice',
        '/v3/company/1/invoice?operation=delete',
        '/chat.postMessage',
        '/x',
      ]) {
        for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
          const added = idempotency?.(method, path, 'key-1');
          if (added === undefined) continue;
          const keyed = `${path}${path.includes('?') ? '&' : '?'}${new URLSearchParams({ ...added })}`;
          expect([method, Object.values(added)]).toEqual([expect.not.stringMatching('GET'), ['key-1']]);
          expect([repeatable?.(method, keyed), idempotency?.(method, keyed, 'key-2')]).toEqual([true, undefined]);
        }
      }
    });

    test('adapts any JSON of the token endpoint without throwing', () => {
      fc.assert(
        fc.property(fc.jsonValue(), fc.constantFrom(200, 400, 401, 429, 503), (body, status) => {
          const adapted = oauth.adaptTokenAnswer({ status, body: body as Record<string, unknown> });
          expect(adapted.status).toBeGreaterThanOrEqual(200);
          oauth.readGrant({ body: adapted.body, callback: {}, idToken: {} });
        }),
      );
    });

    test('leaves an answer that follows the standard as it is', () => {
      const success = { access_token: 'a', token_type: 'Bearer', expires_in: 3600, refresh_token: 'r' };
      expect(oauth.adaptTokenAnswer({ status: 200, body: success })).toEqual({ status: 200, body: success });
      const refusal = { error: 'invalid_grant' };
      expect(oauth.adaptTokenAnswer({ status: 400, body: refusal })).toEqual({ status: 400, body: refusal });
    });

    test('has redaction patterns that keep no place between uses', () => {
      for (const pattern of provider.redact) {
        expect(pattern.flags).toContain('g');
        expect('plain words'.replace(pattern, '')).toBe('plain words');
      }
    });

    if (!webhook) return;
    const { samples, scheme } = webhook;

    test('makes samples that verify once signed, are read as events, and are fresh each time', () => {
      const secret = new Secret('c2FtcGxlLXNlY3JldC1vZi1hLXRlc3Q=');
      const random = seededRandom(7);
      const names = samples?.events.map(({ event }) => event) ?? [];
      expect(new Set(names).size).toBe(names.length);
      for (const event of names) {
        for (const format of samples?.formats ?? [undefined]) {
          const make = () => samples?.make(event, { now: NOW, random, format });
          const delivery = make();
          const body = Buffer.from(JSON.stringify(delivery?.body));
          const url = { method: 'POST', url: 'https://receiver.example/hook' };
          const signed = sign({ scheme, secret, body, timestamp: NOW, id: delivery?.id, ...url });
          const headers = { ...delivery?.headers, ...signed };
          const judged = verify({ scheme, secrets: [secret], headers, body, now: NOW, method: 'POST', path: url.url });
          expect([event, judged.verdict]).toEqual([event, 'verified']);
          expect(webhook.readEvents(body, headers).length).toBeGreaterThan(0);
          expect(Object.keys(headers).filter((name) => name !== name.toLowerCase())).toEqual([]);
          // Where nothing of it is left to chance, the time tells two apart.
          const later = samples?.make(event, { now: NOW + 60_000, random, format });
          expect(JSON.stringify(later?.body)).not.toBe(body.toString());
        }
      }
      expect(samples?.events.filter(({ about }) => about === '' || /[.]$/.test(about)) ?? []).toEqual([]);
    });

    test('has no sample of a name that it does not know', () => {
      if (!samples || samples.events.length === 0) return;
      for (const event of ['', '__proto__', 'constructor', 'toString', 'no.such.event'])
        expect(samples.make(event, { now: NOW, random: () => 0 })).toBeUndefined();
    });

    test('reads events from any bytes without throwing', () => {
      const bytes = fc.oneof(
        fc.uint8Array({ maxLength: 64 }),
        fc.json().map((text) => new TextEncoder().encode(text)),
      );
      fc.assert(fc.property(bytes, (body) => Array.isArray(webhook.readEvents(body, {}))));
      expect(webhook.readEvents(new Uint8Array(), {})).toEqual([]);
      // What only tries the address is never taken for an event, and what is an event never for a trial.
      fc.assert(
        fc.property(bytes, fc.boolean(), (body, verified) => webhook.handshake?.(body, {}, verified) === undefined),
      );
    });
  });
}
