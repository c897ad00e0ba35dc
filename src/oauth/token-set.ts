import type { GrantFacts } from '../providers/oauth-settings.ts';
import type { Secret } from '../secret.ts';
import type { ConnectionRow } from '../store/store.ts';

/** What a token endpoint gave, in the clear, in memory only. Times are ms since the epoch. */
export interface TokenSet {
  readonly accessToken: Secret;
  readonly refreshToken?: Secret | undefined;
  readonly idToken?: Secret | undefined;
  readonly tokenType: string;
  readonly issuedAt: number;
  /** Absent: the access token does not expire. */
  readonly expiresAt?: number | undefined;
  readonly refreshExpiresAt?: number | undefined;
  readonly refreshHardExpiresAt?: number | undefined;
  readonly scopes: readonly string[];
  readonly facts: GrantFacts;
}

/** An answer without scopes grants those that were asked for (RFC 6749, 5.1). */
export function withAskedScopes(set: TokenSet, asked: readonly string[]): TokenSet {
  return set.scopes.length > 0 ? set : { ...set, scopes: asked };
}

/** Share of its own lifetime after which a token is refreshed ahead of need (the seed's 80 %). */
export const REFRESH_AT = 0.8;

type Lifetime = Pick<TokenSet, 'issuedAt' | 'expiresAt'>;

/** When the proactive refresh is due, ms since the epoch; undefined for a token without expiry, which is never due. */
export function dueAt(token: Lifetime): number | undefined {
  if (token.expiresAt === undefined) return undefined;
  return token.issuedAt + Math.round((token.expiresAt - token.issuedAt) * REFRESH_AT);
}

/**
 * The one predicate for "refresh it", asked before the lease and again under it. A clock that now stands before the time of issue
 * has jumped: then nothing can be said of the age, and a refresh settles it.
 */
export function isDue(token: Lifetime, now: number): boolean {
  const due = dueAt(token);
  return due !== undefined && (now >= due || now < token.issuedAt - CLOCK_JUMP_MS);
}

/** Small steps back are ordinary clock corrections. */
const CLOCK_JUMP_MS = 300_000;

export type TokenHealth = 'valid' | 'due' | 'expired' | 'reconnect';

/** What `status` and `token list` show. */
export function healthOf(row: Pick<ConnectionRow, 'state' | 'token'>, now: number): TokenHealth {
  if (row.state === 'reconnect') return 'reconnect';
  if (row.token.expiresAt !== undefined && now >= row.token.expiresAt) return 'expired';
  return isDue(row.token, now) ? 'due' : 'valid';
}

/** Share of the lifetime that has passed, 0 to 1; undefined without expiry. */
export function lifetimeUsed(token: Lifetime, now: number): number | undefined {
  if (token.expiresAt === undefined || token.expiresAt <= token.issuedAt) return undefined;
  return Math.min(1, Math.max(0, (now - token.issuedAt) / (token.expiresAt - token.issuedAt)));
}
