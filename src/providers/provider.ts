import type { Environment } from '../connection.ts';
import type { ErrorCode } from '../errors.ts';
import type { HttpResponse } from '../http/http.ts';
import type { ApiSettings } from './api-settings.ts';
import type { OAuthSettings } from './oauth-settings.ts';
import type { Bundle, Stream } from './stream.ts';
import type { WebhookSettings } from './webhook-settings.ts';

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
