import type { Clock, Random } from '../clock.ts';
import { LwiError } from '../errors.ts';
import type { ProviderFile } from '../providers/generic/definition.ts';
import { seededRandom } from './seeded-random.ts';
import type { WriterSettings } from './writer.ts';

/** How a mock behaves. Everything but the clock may be left out; the same options give the same answers. */
export interface MockOptions {
  readonly clock: Clock;
  /** Seed of names, amounts, tokens, cursors and faults; default 1. */
  readonly seed?: number | undefined;
  /** Chance of faults; default: a generator with `seed`. */
  readonly random?: Random | undefined;
  /** Rows of each stream; default 120. Rows are computed when asked for, so a million costs no memory. */
  readonly records?: number | undefined;
  /** Life of every access token, ms; default: what each provider documents. */
  readonly tokenLifetimeMs?: number | undefined;
  /** Providers of the user's own, checked; each becomes a fake, in place of a built-in one of the same id. */
  readonly definitions?: readonly ProviderFile[] | undefined;
  /** Which fakes answer; default: all. */
  readonly providers?: readonly string[] | undefined;
  /** Every refresh gives a new refresh token, and using an old one ends the whole grant (RFC 9700, 4.14.2). Default false. */
  readonly rotateAlways?: boolean | undefined;
  /** Whether Slack's tokens expire and rotate; default true. Without it they never expire, as in apps that did not opt in. */
  readonly slackTokenRotation?: boolean | undefined;
  /** Slack's limits for commercial apps outside the Marketplace: 1 call a minute, 15 messages. Default false. */
  readonly slackNonMarketplace?: boolean | undefined;
  /** MyCarrierPackets refuses polls of CarriersChanges that are less than 4 minutes apart. Default false: it only advises so. */
  readonly enforcePollInterval?: boolean | undefined;
  /** Whether the documented rate limits are enforced; default true. */
  readonly rateLimits?: boolean | undefined;
  /** Divides the windows of the rate limits: 60 turns a minute into a second. Default 1. */
  readonly limitScale?: number | undefined;
  /** Somebody who changes rows while they are read. Default: nobody. */
  readonly writer?: WriterSettings | undefined;
  /** Faults, as described at `parseFault`. */
  readonly faults?: readonly string[] | undefined;
  /** Secrets that sign the outgoing webhooks, by provider id; default: the `lwi-demo-…` ones, for definitions `demoSecret`. */
  readonly webhookSecrets?: Readonly<Record<string, string>> | undefined;
  /** Sends the outgoing webhooks; default: the global fetch. */
  readonly fetch?: typeof fetch | undefined;
}

/** MockOptions with every gap filled in. */
export interface MockSettings {
  readonly clock: Clock;
  readonly seed: number;
  readonly random: Random;
  readonly records: number;
  readonly tokenLifetimeMs: number | undefined;
  readonly rotateAlways: boolean;
  readonly slackTokenRotation: boolean;
  readonly slackNonMarketplace: boolean;
  readonly enforcePollInterval: boolean;
  readonly rateLimits: boolean;
  readonly limitScale: number;
  readonly webhookSecrets: Readonly<Record<string, string>>;
  readonly fetch: typeof fetch;
}

const DAY_MS = 86_400_000;

/** Fills the gaps. Throws LwiError USAGE for numbers that make no sense. */
export function mockSettings(options: MockOptions): MockSettings {
  const seed = options.seed ?? 1;
  const records = options.records ?? 120;
  const limitScale = options.limitScale ?? 1;
  if (!Number.isSafeInteger(seed)) throw new LwiError('USAGE', 'the seed of the mock must be an integer');
  if (!Number.isSafeInteger(records) || records < 0) {
    throw new LwiError('USAGE', 'the number of records of the mock must be a whole number, 0 or more');
  }
  if (!(limitScale > 0)) throw new LwiError('USAGE', 'the limit scale of the mock must be above 0');
  return {
    clock: options.clock,
    seed,
    random: options.random ?? seededRandom(seed),
    records,
    tokenLifetimeMs: options.tokenLifetimeMs,
    rotateAlways: options.rotateAlways ?? false,
    slackTokenRotation: options.slackTokenRotation ?? true,
    slackNonMarketplace: options.slackNonMarketplace ?? false,
    enforcePollInterval: options.enforcePollInterval ?? false,
    rateLimits: options.rateLimits ?? true,
    limitScale,
    webhookSecrets: {
      quickbooks: 'lwi-demo-verifier-token',
      slack: 'lwi-demo-signing-secret',
      mycarrierpackets: 'lwi-demo-mcp-secret',
      ...options.webhookSecrets,
    },
    fetch: options.fetch ?? globalThis.fetch,
  };
}

/**
 * The stretch of time over which rows are spread: 400 days up to the last midnight (UTC), ms. It ends at midnight so that
 * a mock that is started again on the same day serves the same rows.
 */
export function pastOf(now: number, days = 400): { start: number; end: number } {
  const end = Math.floor(now / DAY_MS) * DAY_MS;
  return { start: end - days * DAY_MS, end };
}
