import type { HttpRequest, HttpResponse } from '../http/http.ts';
import type { GrantFacts } from './oauth-settings.ts';

/** How requests to the API of a provider are completed, paged and repeated. */
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
