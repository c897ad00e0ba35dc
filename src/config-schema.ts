import { limits, retry, timeouts } from './client-schema.ts';
import type { Config, EndpointOverrides } from './config.ts';
import { ACCOUNT_PATTERN, ENVIRONMENTS } from './connection.ts';
import { providerFile, providerId, redirectUri } from './provider-schema.ts';
import type { ProviderFile } from './providers/generic/definition.ts';
import {
  baseUrlOverride,
  type Checked,
  check,
  endpoint,
  matching,
  object,
  oneOf,
  optional,
  record,
  type Schema,
  v,
} from './schema.ts';
import { webhook } from './webhook-schema.ts';
import type { WebhookDefinition } from './webhooks/presets.ts';

const endpoints: Schema<EndpointOverrides> = object({
  authorizationEndpoint: optional(endpoint),
  tokenEndpoint: optional(endpoint),
  revocationEndpoint: optional(endpoint),
  apiBaseUrl: optional(baseUrlOverride),
});

const providers: Schema<Readonly<Record<string, ProviderFile>>> = v.pipe(
  record(providerId, providerFile),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    for (const [key, value] of Object.entries(dataset.value)) {
      if (value.id === key) continue;
      const at = (input: object, of: string, to: unknown) =>
        ({ type: 'object', origin: 'value', input: input as Record<string, unknown>, key: of, value: to }) as const;
      addIssue({
        message: `"${key}", the name it stands under`,
        path: [at(dataset.value, key, value), at(value, 'id', value.id)],
      });
    }
  }),
);

/** The config file. */
export const configFile: Schema<Config> = object({
  $schema: optional(v.string('text')),
  account: optional(matching(ACCOUNT_PATTERN, 'an account id: letters, digits and ._@-')),
  env: optional(oneOf(ENVIRONMENTS)),
  endpoints: optional(record(providerId, endpoints)),
  providers: optional(providers),
  redirectUris: optional(record(providerId, redirectUri)),
  timeouts: optional(timeouts),
  retry: optional(retry),
  limits: optional(limits),
  database: optional(
    matching(/^postgres(ql)?:\/\//, 'a URL of a PostgreSQL database: postgres://user@host:5432/database'),
  ),
});

/** Checks a whole config. */
export function checkConfig(value: unknown): Checked<Config> {
  return check(configFile, value);
}

/** Checks one provider definition. */
export function checkProviderFile(value: unknown): Checked<ProviderFile> {
  return check(providerFile, value);
}

/** Checks how webhooks are signed, where that stands by itself. */
export function checkWebhook(value: unknown): Checked<WebhookDefinition> {
  return check(webhook, value);
}
