import type { Environment } from '../connection.ts';
import type { ErrorCode } from '../errors.ts';
import type { HttpRequest, HttpResponse } from '../http/http.ts';
import type { WebhookScheme } from '../webhooks/scheme.ts';
import type { Bundle, Stream } from './stream.ts';
import type { WebhookSamples } from './webhook-samples.ts';

/**
 * What lwi must know of a provider: data and pure functions, no I/O. Everything else (commands, help, docs, mock checks, the
 * contract suite) iterates the registry. A provider of the user's own, in JSON, becomes the same object in `generic/`.
 */
export interface Provider {
  /** Lower-case word used on the command line and in `LWI_<ID>_…` variables: `quickbooks`. */
  readonly id: string;
  readonly title: string;
  /** Endpoints of each environment the provider has; the mock's are relative to the URL that `lwi mock` serves. */
  readonly environments: Partial<Record<Exclude<Environment, 'mock'>, Endpoints>> & {
    readonly mock?: (mockUrl: string) => Endpoints;
  };
  readonly oauth: OAuthSettings;
  readonly api: ApiSettings;
  readonly limits: readonly LimitRule[];
  /**
   * Names of the limits that a request to this path counts against; the path is relative to the API's base URL. In
   * `tier2:users.list` the part before the colon names the rule and the whole names the bucket: one rule, counted per method.
   */
  limitsFor(method: string, path: string): readonly string[];
  /**
   * Reads an API answer and says what is wrong with it, if anything, in the provider's own terms. Called for every answer,
   * also for 200 (Slack's `ok:false`, a QuickBooks Fault inside 200). What it leaves out, the status decides.
   */
  classify(response: HttpResponse): ProviderFault | undefined;
  /** The table by which `classify` reads the provider's own codes, for the reference; empty where it has none. */
  readonly faultCodes: readonly FaultCode[];
  readonly streams: readonly Stream[];
  /** Puts several first requests of a run into one, where the provider has a way to, so that quota is saved. Absent: it has none. */
  readonly bundle?: Bundle;
  /** Calls that the provider's entry plan includes each month, where calls are metered. */
  readonly monthlyQuota?: { readonly calls: number; readonly plan: string };
  readonly webhook?: WebhookSettings;
  /** Patterns of the provider's secrets in free text; whatever matches is replaced before anything is printed. */
  readonly redact: readonly RegExp[];
}

export interface Endpoints {
  readonly authorizationEndpoint?: string;
  readonly tokenEndpoint?: string;
  readonly revocationEndpoint?: string;
  readonly deviceAuthorizationEndpoint?: string;
  /** For discovery (RFC 8414 or OpenID Connect); fills in the endpoints that are absent. */
  readonly issuer?: string;
  readonly apiBaseUrl: string;
}

export type Grant = 'authorization_code' | 'client_credentials' | 'password' | 'device_code' | 'token';

export interface OAuthSettings {
  readonly grant: Grant;
  /** `omitted`: the token endpoint knows no clients at all (MyCarrierPackets), so not even a client id is sent. */
  readonly clientAuthentication: 'basic' | 'body' | 'none' | 'omitted';
  /** Nobody chose the method: the issuer's metadata may name another one (RFC 8414, 2). */
  readonly clientAuthenticationAssumed?: boolean;
  readonly pkce: boolean;
  /** `plain` keeps `invalid_grant` the end of the connection; `password` logs in again with stored or given credentials. */
  readonly onRefreshRejected: 'reconnect' | 'password';
  readonly scopes: readonly string[];
  readonly scopeSeparator: string;
  /** Name of the query parameter that carries the scopes (`scope`; Slack's user flow: `user_scope`). */
  readonly scopeParameter: string;
  readonly authorizationParameters: Readonly<Record<string, string>>;
  /** Extra headers at the token endpoint, e.g. to ask for the hard expiry of the refresh token. */
  readonly tokenHeaders: Readonly<Record<string, string>>;
  readonly redirect: RedirectRule;
  /** The named alternatives of `lwi connect --as <name>`; each overrides what differs. The first is the default. */
  readonly variants?: Readonly<Record<string, OAuthVariant>>;
  /** How a revocation request is written: RFC 7009 form, a JSON body (Intuit), or the token as bearer (Slack). */
  readonly revocation: 'form' | 'json' | 'bearer' | 'none';
  /**
   * Turns what the token endpoint answered into what RFC 6749 (5.1, 5.2) says it should have been: status and JSON
   * members. Pure; must accept any JSON. Standard providers return it unchanged.
   */
  adaptTokenAnswer(answer: TokenAnswer): TokenAnswer;
  /** Reads identity and refresh-token life out of an adapted, successful answer (and the callback's query, if any). */
  readGrant(input: GrantInput): GrantFacts;
  /** A token pasted by the person: true when it looks like one of this provider (Slack's `xoxb-…`). Absent: not offered. */
  acceptsPastedToken?(token: string): boolean;
}

export type OAuthVariant = Partial<
  Pick<
    OAuthSettings,
    'scopes' | 'scopeParameter' | 'pkce' | 'clientAuthentication' | 'authorizationParameters' | 'redirect'
  >
> & {
  readonly title: string;
  readonly endpoints?: (endpoints: Endpoints) => Endpoints;
};

export interface TokenAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface GrantInput {
  readonly body: Readonly<Record<string, unknown>>;
  /** Query of the redirect; empty for grants without one and for refreshes. */
  readonly callback: Readonly<Record<string, string>>;
  /** Claims of the ID token, where one came. */
  readonly idToken: Readonly<Record<string, unknown>>;
}

export interface GrantFacts {
  /** The provider's own id of the tenant: realm, team, company. Always a string. */
  readonly externalId?: string | undefined;
  readonly externalName?: string | undefined;
  readonly externalUserId?: string | undefined;
  /** Seconds until the refresh token ends if it is not used. */
  readonly refreshExpiresIn?: number | undefined;
  /** Seconds until the refresh token ends whatever happens. */
  readonly refreshHardExpiresIn?: number | undefined;
  /** Scopes as the provider reports them, if it does. */
  readonly scopes?: readonly string[] | undefined;
}

/** What the provider demands of a redirect URI, per environment. */
export interface RedirectRule {
  /** Loopback redirect that is used when none is given: host spelling, port (0: any free one) and path count. */
  readonly loopback: string;
  /** Environments in which the provider refuses loopback redirects, so that an https one must be given. */
  readonly httpsOnlyIn: readonly Environment[];
  /** One sentence for the person, where httpsOnlyIn applies. */
  readonly why?: string;
}

export interface ApiSettings {
  readonly headers: Readonly<Record<string, string>>;
  /** Added to every request that does not set them itself. */
  readonly query: Readonly<Record<string, string>>;
  /** A cheap read that proves that the token works; `{externalId}` is filled in; the path may carry a query. */
  readonly probe: { readonly method: string; readonly path: string };
  /** Reads the display name of the tenant from the probe's answer, if it holds one. */
  nameFromProbe?(body: unknown): GrantFacts;
  readonly requestIdHeader?: string;
  /** Completes a path of `lwi api` (QuickBooks: `/v3/company/{realm}` in front). Absent: used as it is. */
  resolvePath?(path: string, externalId: string | undefined): string;
  /**
   * Whether an unsafe method may be repeated all the same: it only reads, or carries the provider's idempotency key (QuickBooks:
   * `requestid`). The path may carry a query. Absent: never.
   */
  repeatable?(method: string, path: string): boolean;
  /**
   * How a refused change can be sent again without taking back what somebody else has changed meanwhile (QuickBooks: a sparse update with a
   * stale SyncToken). Undefined, or absent: not at all, it stays a CONFLICT.
   */
  resolveConflict?(request: HttpRequest, providerCode: string | undefined): ConflictResolution | undefined;
  /**
   * Query parameters that make an unsafe request safe to repeat, with `id` as the key that the provider remembers; undefined where it
   * has none for this request. The path is below the base URL, complete, and may carry a query. Absent: the provider has none at all.
   */
  idempotency?(method: string, path: string, id: string): Readonly<Record<string, string>> | undefined;
  /**
   * What follows a page of `lwi api --paginate`: the request and its answer as they went over the wire. Pure; answers that make no sense
   * are no reason to throw. `baseUrl` is where this API is, without a slash at its end. The caller sees to it that the next page stays below it, and
   * notices circles.
   */
  nextPage?(request: HttpRequest, answer: HttpResponse, baseUrl: string): NextApiPage;
}

/** The way out of a conflict. */
export interface ConflictResolution {
  /** Asks for the record as it is now. */
  readonly fetch: HttpRequest;
  /** The change on top of it, from the JSON of the answer; undefined when that answer does not help. */
  merge(body: unknown): HttpRequest | undefined;
}

/** A request for the next page; the end, or that nobody knows pages of this request; or what is wrong, as half a sentence. */
export type NextApiPage =
  | { readonly next: HttpRequest }
  | { readonly end: 'last' | 'unpaged' }
  | { readonly problem: string };

/** At most `permits` requests in any `perMs` milliseconds, `burst` of them at once, `concurrency` of them in flight. */
export interface LimitRule {
  readonly name: string;
  readonly permits: number;
  readonly perMs: number;
  readonly burst: number;
  readonly concurrency: number;
}

/** One code of the provider's own, and what lwi takes it for. */
export interface FaultCode {
  /** As the provider writes it, or the part of the answer that it stands for: `5010`, `2000-4999`, `missing_scope`. */
  readonly code: string;
  readonly error: ErrorCode;
  /** For people: what has happened, without a full stop. */
  readonly meaning: string;
}

/** A failure in the provider's own words. `code` overrides what the HTTP status would say. */
export interface ProviderFault {
  readonly code?: ErrorCode;
  readonly providerCode?: string;
  readonly message: string;
  /** The access token is used up: refresh once and repeat once. */
  readonly refresh?: boolean;
  /** ms until a repeat makes sense, from the body or by the provider's rule; a Retry-After goes before it. */
  readonly retryAfterMs?: number;
  readonly requestId?: string;
  /** The next step, where the remedy of the code is too general. */
  readonly hint?: string;
}

export interface WebhookSettings {
  readonly scheme: WebhookScheme;
  /** What a verified body says, as one or several events; [] when it cannot be read. Pure, never throws. */
  readEvents(body: Uint8Array, headers: Readonly<Record<string, string>>): readonly WebhookEvent[];
  /**
   * The JSON that answers a request which only tries the address and tells of nothing (Slack's `url_verification`); undefined for all others. Asked before the
   * request is verified, for those that carry no signature, and again after. Pure, never throws.
   */
  handshake?(
    body: Uint8Array,
    headers: Readonly<Record<string, string>>,
    verified: boolean,
  ): Readonly<Record<string, string | boolean>> | undefined;
  /** How the provider delivers, as far as it says so. Absent: nothing is known. */
  readonly delivery?: DeliveryFacts;
  /** Events to try a receiver with. Absent: there are none. */
  readonly samples?: WebhookSamples;
}

/** What a provider promises of its webhooks; what it does not say is left out. */
export interface DeliveryFacts {
  /** A later answer counts as a failure, ms. */
  readonly answerWithinMs?: number;
  /** How long it tries again after the first failure, ms; `unlimited`: it does not stop. */
  readonly retriesForMs?: number | 'unlimited';
  /** Whether events come in the order in which things happened. */
  readonly ordered?: boolean;
  /** Streams whose records have events. Absent: nobody knows, any or none. */
  readonly covers?: readonly string[];
  /** Where that is written. */
  readonly source: string;
}

export interface WebhookEvent {
  /** The provider's id of the event, where it has one. */
  readonly id?: string;
  readonly type: string;
  /** The tenant at the provider that the event is about. */
  readonly externalId?: string;
  /** What changed, where the event names it: the name of the stream, or the provider's own word where no stream fits. */
  readonly entity?: string;
  readonly entityId?: string;
  /** The event says that the record is gone. */
  readonly deleted?: boolean;
  /** It says that something has changed or that events were lost, and not what: only a poll can tell. */
  readonly gap?: boolean;
  /** ms since the epoch. */
  readonly occurredAt?: number;
}
