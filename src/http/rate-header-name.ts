import type { ResetUnit } from './rate-value.ts';

/** What one header says of a limit. */
export type RateMember =
  | 'limit'
  | 'remaining'
  | 'used'
  | 'reset'
  | 'retry-after'
  /** Length of the window, ms. */
  | 'window-ms'
  /** What the provider calls the limit. */
  | 'name'
  /** `used/limit`. */
  | 'used-of-limit'
  /** The list of policies of the IETF drafts. */
  | 'policies'
  /** The one `RateLimit` field of the IETF drafts from 07 on. */
  | 'service'
  /** Understood, and of no use here: which scope, which precision, which limit was hit. */
  | 'note'
  | 'unknown';

/** Where a header belongs: headers of one family and scope speak of one limit. */
export interface RatePlace {
  /** Beginning of the name up to `ratelimit`, e.g. `x-ratelimit`. */
  readonly family: string;
  /** Which limit of several, e.g. `daily`; empty where there is one. */
  readonly scope: string;
  readonly member: RateMember;
  readonly unit: ResetUnit;
}

/**
 * Words behind `ratelimit-`, alone or with a scope before or after them, longer ones first. Sources: GitHub `limit remaining used reset resource`
 * (docs.github.com, rate limits for the REST API), Discord `reset-after bucket scope global` (docs.discord.com, rate limits), HubSpot `max
 * interval-milliseconds` (developers.hubspot.com, changelog 2018-11-06), GitLab `observed resettime name`, MailerLite `retry-after`, Xero
 * `problem` (developer.xero.com, limits), the IETF drafts `policy`.
 */
const WORDS: readonly (readonly [word: string, member: RateMember, unit?: ResetUnit])[] = [
  ['interval-milliseconds', 'window-ms'],
  ['reset-after-ms', 'reset', 'milliseconds'],
  ['reset-after', 'reset', 'seconds'],
  ['reset-ms', 'reset', 'milliseconds'],
  ['reset-time', 'reset'],
  ['reset-at', 'reset'],
  ['resettime', 'reset'],
  ['retry-after', 'retry-after'],
  ['remaining', 'remaining'],
  ['precision', 'note'],
  ['observed', 'note'],
  ['resource', 'name'],
  ['problem', 'note'],
  ['bucket', 'name'],
  ['global', 'note'],
  ['policy', 'policies'],
  ['limit', 'limit'],
  ['reset', 'reset'],
  ['scope', 'note'],
  ['used', 'used'],
  ['name', 'name'],
  ['max', 'limit'],
];

/** Lengths of windows that a scope names, ms: HubSpot `daily secondly`, Kong `minute hour …`, Xero `day min appmin`, X `24hour`. */
const WINDOWS: Readonly<Record<string, number>> = {
  ...{ second: 1000, secondly: 1000 },
  ...{ minute: 60_000, min: 60_000, appmin: 60_000 },
  ...{ hour: 3_600_000, hourly: 3_600_000 },
  ...{ day: 86_400_000, daily: 86_400_000, 'app-24hour': 86_400_000, 'user-24hour': 86_400_000 },
};

/** Length of the window that a scope names, ms; undefined where it names none. */
export function windowOfScope(scope: string): number | undefined {
  return Object.hasOwn(WINDOWS, scope) ? WINDOWS[scope] : undefined;
}

/** Longer names are not of this kind. */
const LONGEST_NAME = 100;

/** Where a header belongs, by its name in lower case; undefined when it is not about rate limits. */
export function ratePlace(name: string): RatePlace | undefined {
  if (name.length > LONGEST_NAME || !name.includes('limit')) return undefined;
  const found = /^(.*?rate-?limit)(?:-(.+))?$/.exec(name);
  if (found) return placeIn(found[1] ?? '', found[2]);
  // Xero: what is left by tenant and day, tenant and minute, app and minute (developer.xero.com, limits).
  const xero = /^x-(day|min|appmin)limit-remaining$/.exec(name)?.[1];
  if (xero) return place('x-limit', xero, 'remaining');
  // X: posts in 24 hours, by app and by user, beside the limit of the endpoint (as logged by its clients).
  const [, who, word] = /^x-(app|user)-limit-24hour-(limit|remaining|reset)$/.exec(name) ?? [];
  if (who !== undefined) return place('x-limit', `${who}-24hour`, memberOf(word));
  // Shopify: `32/40` (shopify.dev, REST Admin API rate limits).
  return /^x-shopify-.*call-limit$/.test(name) ? place(name, '', 'used-of-limit') : undefined;
}

function placeIn(family: string, rest: string | undefined): RatePlace {
  // Zendesk says the limit with `X-Rate-Limit` alone (developer.zendesk.com, avoiding rate limiting).
  if (rest === undefined) return place(family, '', family === 'ratelimit' ? 'service' : 'limit');
  for (const [word, member, unit] of WORDS) {
    if (rest === word) return place(family, '', member, unit);
    if (rest.endsWith(`-${word}`)) return place(family, rest.slice(0, -word.length - 1), member, unit);
    if (rest.startsWith(`${word}-`)) return place(family, rest.slice(word.length + 1), member, unit);
  }
  return place(family, rest, windowOfScope(rest) === undefined ? 'unknown' : 'limit');
}

function place(family: string, scope: string, member: RateMember, unit: ResetUnit = 'bare'): RatePlace {
  return { family, scope, member, unit };
}

function memberOf(word: string | undefined): RateMember {
  return WORDS.find(([each]) => each === word)?.[1] ?? 'unknown';
}
