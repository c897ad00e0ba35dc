import type { ConnectionKey } from '../connection.ts';

/** A request as plain data with a buffered body, so that it can be repeated, hashed and redacted. */
export interface HttpRequest {
  readonly method: string;
  /** Absolute URL. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** An answer with its whole body in memory. */
export interface HttpResponse {
  readonly status: number;
  /** Reason phrase of the status line (RFC 9112, 4); HTTP/2 has none (RFC 9113, 8.3.2). */
  readonly reason?: string;
  /** Names in lower case; several values of one name are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Who waits first when permits are short: in this order. */
export const PRIORITIES = ['interactive', 'webhook', 'sync', 'backfill'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** What the layers need to know about a call beyond the bytes. */
export interface Call {
  /** Provider id, for limits, circuit and messages. */
  readonly provider: string;
  /** Absent for calls that need no token (token endpoint, discovery). */
  readonly connection?: ConnectionKey;
  /** Names of the limits of the provider that this request counts against. */
  readonly limits: readonly string[];
  readonly priority: Priority;
  /** Whether a repeat is harmless: a safe method, or one with the provider's idempotency key. */
  readonly repeatable: boolean;
  readonly signal: AbortSignal;
  /** The call ends by then, ms since the epoch; set by the retry layer, kept by those that wait. */
  readonly deadline?: number;
  /** What the person asked for, in a word or two, for traces: `token`, `sync invoices`, `api`. */
  readonly purpose: string;
  /** The caller reads 4xx answers itself (OAuth endpoints); only 429 and 5xx become errors on the way. */
  readonly raw?: boolean;
  /** Which try this is, from 1; set by the retry layer. */
  readonly attempt?: number;
  /** How long this very request waited for permits, ms; set by the rate limit for the layers below. */
  readonly waitedMs?: number;
  /** A success must hold JSON; anything else (a login page, half a body, nothing) is a BAD_RESPONSE and is repeated as such. */
  readonly expects?: 'json';
  /** Asked after each wait, before the request is sent again; what it throws ends the call. */
  readonly beforeRepeat?: () => Promise<void>;
  /** Ends a wait between two attempts, but never an attempt. */
  readonly patience?: AbortSignal;
  /** Told before a wait for a permit or for the next attempt, with its length as far as it can be foreseen, ms. */
  readonly onWait?: (waitMs: number) => void;
  /** Counts what happened on the way, for run reports. */
  readonly meter?: CallMeter;
}

/** Sums over the calls of one run. */
export interface CallMeter {
  requests: number;
  retries: number;
  /** Milliseconds spent waiting for a permit. */
  throttledMs: number;
}

/** The one shape of the onion: every layer takes a Send and is a Send. Throws LwiError; other errors are defects. */
export type Send = (request: HttpRequest, call: Call) => Promise<HttpResponse>;

/** Whether a value that travelled as `unknown` (in an error) is an answer. */
export function isHttpResponse(value: unknown): value is HttpResponse {
  return (
    typeof value === 'object' &&
    value !== null &&
    'status' in value &&
    'body' in value &&
    value.body instanceof Uint8Array
  );
}

/** The body as text (UTF-8, without a byte order mark; invalid bytes become U+FFFD). By Buffer, which is faster than TextDecoder on large bodies. */
export function bodyText({ body }: HttpResponse): string {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** The body as JSON, or undefined when it is none. */
export function bodyJson(response: HttpResponse): unknown {
  try {
    return JSON.parse(bodyText(response));
  } catch {
    return undefined;
  }
}
