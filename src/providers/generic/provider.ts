import type { ApiSettings } from '../api-settings.ts';
import type { LimitRule, Provider } from '../provider.ts';
import type { LimitDefinition, ProviderFile } from './definition.ts';
import { classifyAnswer } from './fault.ts';
import { mockEndpoints } from './mock-endpoints.ts';
import { nextPageFromDefinition } from './next-page.ts';
import { oauthSettings, present } from './oauth.ts';
import { streamFromDefinition } from './stream.ts';
import { webhookFromDefinition } from './webhook.ts';

/** Careful enough for an API of which nothing is known. */
export const CAUTIOUS: LimitRule = { name: 'default', permits: 60, perMs: 60_000, burst: 5, concurrency: 2 };

/**
 * A provider of the user's own as the object that built-in ones are. The definition must have been checked by
 * `provider-schema.ts`. It has the environments `production` and `mock`.
 */
export function fromDefinition(definition: ProviderFile): Provider {
  const { id, oauth = {}, webhook, streams = [] } = definition;
  const baseUrl = definition.api.baseUrl.replace(/\/+$/, '');
  const limits = definition.limits?.length ? definition.limits.map(limitRule) : [CAUTIOUS];
  const limitNames = limits.map(({ name }) => name);
  return {
    id,
    title: definition.title ?? id,
    environments: {
      production: {
        ...present({
          issuer: oauth.issuer,
          authorizationEndpoint: oauth.authorizationEndpoint,
          tokenEndpoint: oauth.tokenEndpoint,
          revocationEndpoint: oauth.revocationEndpoint,
          deviceAuthorizationEndpoint: oauth.deviceAuthorizationEndpoint,
        }),
        apiBaseUrl: baseUrl,
      },
      mock: (mockUrl) => mockEndpoints(definition, mockUrl),
    },
    oauth: oauthSettings(definition),
    api: { ...apiSettings(definition), nextPage: nextPageFromDefinition(streams) },
    limits,
    limitsFor: () => limitNames,
    classify: (response) => classifyAnswer(response, definition.api.requestIdHeader?.toLowerCase()),
    faultCodes: [],
    streams: streams.map((stream) => streamFromDefinition(id, baseUrl, stream)),
    ...(webhook === undefined ? {} : { webhook: webhookFromDefinition(webhook) }),
    redact: [],
  };
}

function apiSettings({ api, streams }: ProviderFile): ApiSettings {
  const headers = Object.entries(api.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const);
  return {
    headers: { accept: 'application/json', ...Object.fromEntries(headers) },
    query: {},
    probe: { method: 'GET', path: api.probe ?? streams?.[0]?.path ?? '/' },
    ...(api.requestIdHeader === undefined ? {} : { requestIdHeader: api.requestIdHeader.toLowerCase() }),
  };
}

function limitRule(limit: LimitDefinition): LimitRule {
  const rule = { ...CAUTIOUS, ...limit };
  return { ...rule, burst: Math.min(rule.burst, rule.permits) };
}
