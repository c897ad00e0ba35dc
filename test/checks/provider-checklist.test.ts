import { expect, onTestFinished, test } from 'vitest';
import { checklistOf } from '../../src/checks/provider/checklist.ts';
import type { Subject } from '../../src/checks/provider/subject.ts';
import { runChecks } from '../../src/checks/run-checks.ts';
import { systemClock } from '../../src/clock.ts';
import type { HttpResponse } from '../../src/http/http.ts';
import { createMock } from '../../src/mock/mock.ts';
import { serveMock } from '../../src/mock/serve.ts';
import type { LimitDefinition, ProviderFile } from '../../src/providers/generic/definition.ts';
import { fromDefinition } from '../../src/providers/generic/provider.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { quickbooks } from '../../src/providers/quickbooks/provider.ts';
import { BUILT_IN } from '../../src/providers/registry.ts';
import { slack } from '../../src/providers/slack/provider.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';

/** Runs the checklist and gives the names of its lines by what became of them. */
async function checked(provider: Provider, change: Partial<Subject> = {}) {
  const subject: Subject = {
    ...{ provider, ofTheUser: false, time: systemClock, place: temporaryDirectory() },
    mock: (options) => createMock({ ...options, providers: [provider.id] }),
    ...change,
  };
  const { signal } = new AbortController();
  const lines = {
    pass: [] as string[],
    fail: [] as string[],
    skip: [] as string[],
    said: {} as Record<string, string>,
  };
  for await (const result of runChecks(checklistOf(subject), { clock: systemClock, signal, deadlineMs: 60_000 })) {
    lines[result.outcome].push(result.name);
    lines.said[result.name] = result.outcome === 'pass' ? result.evidence : result.reason;
  }
  return lines;
}

/** `classify` that says something else of some answers. */
const misreading =
  (provider: Provider, misread: (response: HttpResponse) => ReturnType<Provider['classify']>): Provider['classify'] =>
  (response) =>
    misread(response) ?? provider.classify(response);

/** Drops members of the answer of the token endpoint. */
const without =
  ({ oauth }: Provider, members: readonly string[]): Provider['oauth']['adaptTokenAnswer'] =>
  (answer) => {
    const adapted = oauth.adaptTokenAnswer(answer);
    return {
      ...adapted,
      body: Object.fromEntries(Object.entries(adapted.body).filter(([name]) => !members.includes(name))),
    };
  };

// QuickBooks goes through the built command, in test/e2e/provider-check.test.ts.
test.each(BUILT_IN.filter(({ id }) => id !== 'quickbooks').map((provider) => [provider.id, provider] as const))(
  '%s passes every line of the seed; what does not exist is skipped',
  { timeout: 60_000 },
  async (_id, provider) => {
    const { pass, fail, skip, said } = await checked(provider);
    expect(fail).toEqual([]);
    // Evidence that redaction has eaten into shows nothing.
    expect(Object.values(said).filter((text) => text.includes('[redacted]'))).toEqual([]);
    expect(pass.length + skip.length).toBe(23);
    expect(skip).toEqual(provider.environments.sandbox ? [] : ['sandbox']);
  },
);

/** A provider with some members spoilt, the lines that must be red for it, and those that can then say nothing. */
interface Broken {
  readonly provider: Provider;
  readonly red: readonly string[];
  readonly skipped: readonly string[];
}

const webhookOf = ({ webhook }: Provider, scheme: Partial<NonNullable<Provider['webhook']>['scheme']>) =>
  webhook && { webhook: { ...webhook, scheme: { ...webhook.scheme, ...scheme } } };

const BROKEN: Readonly<Record<string, Broken>> = {
  'a lax time, no forms of tokens, limits far too wide, a probe that is not there, every write harmless, no request id':
    {
      provider: {
        ...slack,
        ...webhookOf(slack, { toleranceMs: 86_400_000 }),
        redact: [],
        limits: slack.limits.map((rule) => ({ ...rule, permits: rule.permits * 1000, burst: rule.permits * 1000 })),
        api: {
          ...slack.api,
          probe: { method: 'GET', path: '/no.such.method' },
          repeatable: () => true,
          requestIdHeader: 'x-nowhere',
        },
      },
      red: ['unified-error', 'retry', 'client-rate-limit', 'timestamp', 'mock-server', 'recording'],
      skipped: ['sandbox'],
    },
  '401 is FORBIDDEN, 429 is missed, another header is signed, the sandbox is production, lives and refresh tokens get lost, a rule lets nothing through':
    {
      provider: {
        ...quickbooks,
        ...webhookOf(quickbooks, { signatureHeader: 'x-signature' }),
        classify: misreading(quickbooks, ({ status }) => {
          if (status === 401) return { code: 'FORBIDDEN', message: 'no' };
          return status === 429 ? { code: 'BAD_REQUEST', message: 'no' } : undefined;
        }),
        environments: { ...quickbooks.environments, sandbox: quickbooks.environments.production ?? { apiBaseUrl: '' } },
        oauth: { ...quickbooks.oauth, adaptTokenAnswer: without(quickbooks, ['expires_in', 'refresh_token']) },
        limits: quickbooks.limits.map((rule) => ({ ...rule, burst: 0 })),
      },
      red: [
        ...['token-refresh', 'proactive-refresh', 'status-classification', 'clear-token-on-401'],
        ...['client-rate-limit', 'backoff-on-429', 'signature', 'sandbox'],
      ],
      skipped: ['timestamp', 'idempotency'],
    },
  'failures inside 200 are not seen, those of the server taken for mistakes here, requests count against no rule': {
    provider: {
      ...slack,
      classify: ({ status }) => (status >= 500 ? { code: 'BAD_REQUEST', message: 'no' } : undefined),
      limitsFor: () => ['no-such-rule'],
    },
    red: [
      ...['unified-error', 'status-classification', 'retry', 'clear-token-on-401', 'rate-limit-headers'],
      ...['client-rate-limit', 'backoff-with-jitter', 'circuit-breaker'],
    ],
    skipped: ['sandbox'],
  },
  'an API at an address where nothing is': {
    provider: {
      ...quickbooks,
      environments: {
        ...quickbooks.environments,
        mock: (url) => ({ ...quickbooks.environments.mock?.(url), apiBaseUrl: `${url}/quickbooks/nowhere` }),
      },
    },
    red: ['mock-server'],
    skipped: [
      ...['unified-error', 'status-classification', 'retry', 'clear-token-on-401', 'rate-limit-headers'],
      ...['client-rate-limit', 'backoff-on-429', 'backoff-with-jitter', 'circuit-breaker', 'timeout'],
      ...['scoped-clients', 'recording'],
    ],
  },
  'a client without a secret and without PKCE': {
    provider: { ...quickbooks, oauth: { ...quickbooks.oauth, clientAuthentication: 'none', pkce: false } },
    red: ['authorization-url', 'token-exchange'],
    skipped: [
      ...['token-refresh', 'proactive-refresh', 'secure-storage', 'unified-error', 'status-classification', 'retry'],
      ...['clear-token-on-401', 'rate-limit-headers', 'client-rate-limit', 'backoff-on-429', 'backoff-with-jitter'],
      ...['circuit-breaker', 'timeout', 'account-isolation', 'scoped-clients', 'mock-server', 'recording'],
    ],
  },
};

test.each(Object.entries(BROKEN))('%s', { timeout: 60_000 }, async (_name, { provider, red, skipped }) => {
  const { fail, skip, said } = await checked(provider);
  expect([fail, said]).toEqual([red, said]);
  expect(skip).toEqual(skipped);
});

const ACME: ProviderFile = {
  id: 'acme',
  oauth: {
    issuer: 'https://id.acme.example',
    scopes: ['openid', 'read'],
    externalId: { from: 'idToken', name: 'company' },
  },
  api: { baseUrl: 'https://api.acme.example/v1', probe: '/me', requestIdHeader: 'x-rid' },
  limits: [{ permits: 20, perMs: 100, burst: 5 }],
  streams: [{ name: 'loads', path: '/loads', items: 'data', page: { type: 'link' } }],
  webhook: { scheme: 'hubspot-v3' },
};

/** What is special about a provider in JSON. */
function ofTheUser(definition: ProviderFile): Partial<Subject> {
  return {
    ofTheUser: true,
    mock: (options) => createMock({ ...options, definitions: [definition], providers: [definition.id] }),
  };
}

test('a provider in JSON passes against the mock that is made of it', { timeout: 60_000 }, async () => {
  const { fail, skip } = await checked(fromDefinition(ACME), ofTheUser(ACME));
  expect([fail, skip]).toEqual([[], ['sandbox']]);
});

test.each<[string, LimitDefinition]>([
  ['1 in 2 minutes', { permits: 1, perMs: 120_000, burst: 1 }],
  ['10 an hour, one at a time', { permits: 10, perMs: 3_600_000, burst: 1 }],
  ['1 a day', { permits: 1, perMs: 86_400_000 }],
  ['100 a day', { permits: 100, perMs: 86_400_000 }],
])('a slow limit is no mistake: %s', { timeout: 30_000 }, async (_, limit) => {
  const slow = { ...ACME, limits: [limit] };
  const { pass, fail, skip, said } = await checked(fromDefinition(slow), ofTheUser(slow));
  expect([fail, skip, said]).toEqual([[], ['sandbox'], said]);
  expect(pass).toContain('client-rate-limit');
});

test('one that takes tokens made elsewhere and has no webhooks is told what does not apply', {
  timeout: 60_000,
}, async () => {
  const { oauth: _, webhook: _webhook, ...bare } = ACME;
  const { fail, skip, said } = await checked(fromDefinition(bare), ofTheUser(bare));
  expect(fail).toEqual([]);
  expect(skip).toEqual([
    ...['authorization-url', 'token-refresh', 'proactive-refresh', 'signature', 'timestamp', 'idempotency', 'sandbox'],
  ]);
  expect(said['idempotency']).toBe('acme has no webhooks that lwi knows');
});

test('a definition that forgot its token endpoint fails there, and the rest says so', { timeout: 60_000 }, async () => {
  const broken = { ...ACME, oauth: { authorizationEndpoint: 'https://id.acme.example/authorize' } };
  const { fail, pass, said } = await checked(fromDefinition(broken), ofTheUser(broken));
  expect([fail, pass]).toEqual([['token-exchange'], ['authorization-url', 'signature', 'timestamp', 'idempotency']]);
  expect(said['retry']).toBe('token-exchange did not pass');
});

test('a definition that does not fit another server: its rows are not where it looks for them', {
  timeout: 60_000,
}, async () => {
  const served = await serveMock({ port: 0, mock: createMock({ clock: systemClock, definitions: [ACME] }) });
  onTestFinished(() => served.close());
  const broken = { ...ACME, streams: [{ name: 'loads', path: '/loads', items: 'rows' }] };
  const provider = fromDefinition(broken);
  const endpoints = (url: string) => provider.environments.mock?.(url) ?? { apiBaseUrl: url };
  const elsewhere = { url: served.url, anyHost: true, endpoints };
  const { fail, skip, said } = await checked(provider, { ...ofTheUser(broken), elsewhere });
  expect([fail, skip]).toEqual([['mock-server'], ['client-rate-limit', 'sandbox']]);
  expect(said['mock-server']).toContain('rows');
});
