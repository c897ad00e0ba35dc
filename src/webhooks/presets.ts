import type { WebhookScheme } from './scheme.ts';

/** Five minutes: what Slack, Stripe, Standard Webhooks and HubSpot allow. */
const FIVE_MINUTES_MS = 300_000;

/** Settings of the plain `hmac` scheme; whatever is left out has a default. */
export type HmacSettings = Partial<
  Omit<WebhookScheme, 'name' | 'signatureHeader' | 'headerAliases' | 'urlForm' | 'secretEncoding'>
> & {
  /** Header of the signature; default `x-signature`. */
  readonly header?: string;
  /** Default `utf8`: the secret itself is the key. */
  readonly secretEncoding?: 'utf8' | 'base64' | 'hex';
};

/** A `webhook` object of the user's own: a preset, or settings for `hmac`. Checked by `webhook-schema.ts`. */
export interface WebhookDefinition extends HmacSettings {
  /** Default `hmac`; with any other preset only what tells of events, and the tolerance, may be set beside it. */
  readonly scheme?: PresetName;
}

/** What may stand beside a preset: it changes nothing in what is signed. */
export const BESIDE_PRESET = ['idHeader', 'idField', 'typeHeader', 'toleranceMs'] as const;

/** A scheme from settings. With a time and no template, `{timestamp}.{body}` is signed, else the body alone. */
export function hmacScheme(settings: HmacSettings = {}): WebhookScheme {
  const { header, secretEncoding, ...rest } = settings;
  const timed = settings.timestampHeader !== undefined || settings.timestampPrefix !== undefined;
  return {
    name: 'hmac',
    algorithm: 'sha256',
    encoding: 'hex',
    signatureHeader: (header ?? 'x-signature').toLowerCase(),
    prefix: '',
    prefixOptional: false,
    signed: timed ? '{timestamp}.{body}' : '{body}',
    toleranceMs: FIVE_MINUTES_MS,
    ...rest,
    ...(secretEncoding === undefined || secretEncoding === 'utf8' ? {} : { secretEncoding }),
    ...lowerCase(settings),
  };
}

function lowerCase(settings: HmacSettings): Partial<WebhookScheme> {
  const names = (['timestampHeader', 'idHeader', 'typeHeader'] as const).flatMap((member) => {
    const name = settings[member];
    return name === undefined ? [] : [[member, name.toLowerCase()] as const];
  });
  return Object.fromEntries(names);
}

/** Schemes by name. The facts of each stand behind its line; providers take theirs from here. */
export const PRESETS = {
  /** docs.slack.dev "Verifying requests"; slackapi/bolt-js `src/receivers/verify-request.ts`, which this extends to the future. */
  slack: {
    ...hmacScheme({ header: 'x-slack-signature', prefix: 'v0=', timestampHeader: 'x-slack-request-timestamp' }),
    name: 'slack',
    signed: 'v0:{timestamp}:{body}',
    idField: 'event_id',
  },
  /** intuit/QuickBooks-V3-DotNET-SDK `WebhooksService.cs`. Covers no time: only dropping duplicates protects from replays. CloudEvents have ids. */
  intuit: { ...hmacScheme({ header: 'intuit-signature', encoding: 'base64' }), name: 'intuit', idField: 'id' },
  /** MyCarrierPackets webhook page, C# sample; freightCognition/mcp-alerts `utils/verifier.js` takes a `sha256=` off. */
  mycarrierpackets: {
    ...hmacScheme({ header: 'mcp-signature', prefix: 'sha256=' }),
    name: 'mycarrierpackets',
    prefixOptional: true,
    typeHeader: 'mcp-event',
  },
  /** docs.github.com "Validating webhook deliveries". */
  github: {
    ...hmacScheme({ header: 'x-hub-signature-256', prefix: 'sha256=', idHeader: 'x-github-delivery' }),
    name: 'github',
    typeHeader: 'x-github-event',
  },
  /** docs.stripe.com "Verify webhook signatures manually"; the secret is used whole, `whsec_` included (stripe/stripe-node `src/Webhooks.ts`). */
  stripe: {
    ...hmacScheme({ header: 'stripe-signature', prefix: 'v1=', signed: '{timestamp}.{body}' }),
    name: 'stripe',
    separator: ',',
    timestampPrefix: 't=',
    idField: 'id',
  },
  /**
   * shopify.dev "Deliver webhooks through HTTPS". The webhook id and not the event id tells repeats apart, because topics
   * that one event sets off share its event id.
   */
  shopify: {
    ...hmacScheme({ header: 'x-shopify-hmac-sha256', encoding: 'base64', idHeader: 'x-shopify-webhook-id' }),
    name: 'shopify',
    typeHeader: 'x-shopify-topic',
  },
  /** standard-webhooks/standard-webhooks `spec/standard-webhooks.md`; Svix sends the same under `svix-` names. */
  'standard-webhooks': {
    ...hmacScheme({
      header: 'webhook-signature',
      encoding: 'base64',
      prefix: 'v1,',
      timestampHeader: 'webhook-timestamp',
    }),
    name: 'standard-webhooks',
    signed: '{id}.{timestamp}.{body}',
    idHeader: 'webhook-id',
    separator: ' ',
    secretEncoding: 'base64',
    secretPrefix: 'whsec_',
    headerAliases: {
      'webhook-id': 'svix-id',
      'webhook-timestamp': 'svix-timestamp',
      'webhook-signature': 'svix-signature',
    },
  },
  /** developers.hubspot.com "Validating requests", v3: base64, time in ms, method and decoded URL in front. */
  'hubspot-v3': {
    ...hmacScheme({
      header: 'x-hubspot-signature-v3',
      encoding: 'base64',
      timestampHeader: 'x-hubspot-request-timestamp',
      timestampUnit: 'ms',
    }),
    name: 'hubspot-v3',
    signed: '{method}{url}{body}{timestamp}',
    urlForm: 'hubspot',
  },
  hmac: hmacScheme(),
} as const satisfies Record<string, WebhookScheme>;

export type PresetName = keyof typeof PRESETS;

export const PRESET_NAMES = Object.keys(PRESETS) as readonly PresetName[];

/** The preset of that name, or undefined. */
export function presetScheme(name: string): WebhookScheme | undefined {
  return Object.hasOwn(PRESETS, name) ? PRESETS[name as PresetName] : undefined;
}

/** The scheme that a `webhook` object describes. */
export function schemeFrom({ scheme = 'hmac', ...settings }: WebhookDefinition): WebhookScheme {
  if (scheme === 'hmac') return hmacScheme(settings);
  const given = BESIDE_PRESET.filter((member) => settings[member] !== undefined);
  return {
    ...PRESETS[scheme],
    ...Object.fromEntries(given.map((member) => [member, settings[member]])),
    ...lowerCase(settings),
  };
}
