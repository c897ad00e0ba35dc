import type { Clock } from '../clock.ts';
import type { Mint } from './seeded-random.ts';

/** Who may do what, until revoked: one approval by a person, or one login. */
export interface Grant {
  readonly clientId: string;
  /** Realm, team or user name. */
  readonly tenant: string;
  /** Slack: `bot` or `user`. */
  readonly kind: string;
  readonly scope: string;
  /** Issued to a client without a secret. */
  readonly publicClient: boolean;
  readonly grantedAt: number;
  /** The refresh token that is current; absent where tokens never expire. */
  readonly refreshToken?: string;
  readonly revoked: boolean;
}

/** When a refresh token changes and when it ends. Milliseconds throughout. */
export interface Rotation {
  /** A refresh gives a new value when the current one is at least this old; 0: each time. */
  readonly changeAfterMs: number;
  /** How long a replaced value still works. */
  readonly graceMs: number;
  /** Life since the last use. */
  readonly idleMs: number;
  /** Life since the approval. */
  readonly hardMs: number;
  /** What presenting a replaced value does: it is refused, or the grant ends with all its tokens. */
  readonly onReuse: 'refuse' | 'revoke';
}

type RefreshOutcome =
  | { readonly ok: true; readonly grant: Grant }
  | { readonly ok: false; readonly why: 'unknown' | 'client' | 'revoked' | 'expired' | 'superseded' };

type AccessState = 'valid' | 'unknown' | 'expired' | 'revoked';

interface NewGrant {
  readonly clientId: string;
  readonly tenant: string;
  readonly scope: string;
  readonly kind?: string;
  readonly publicClient?: boolean;
  readonly withRefresh: boolean;
}

export interface GrantStore {
  open(grant: NewGrant): Grant;
  /** A new access token; without a life it never expires. `value` fixes it. */
  access(grant: Grant, lifeMs: number | undefined, value?: string): string;
  /** Uses a refresh token. `clientId` undefined: the endpoint knows no clients. */
  refresh(token: string, clientId: string | undefined): RefreshOutcome;
  check(accessToken: string): { readonly state: AccessState; readonly grant?: Grant };
  /** Ends one access token and leaves the rest of the grant (Slack). */
  dropAccess(accessToken: string): void;
  revoke(grant: Grant): void;
  /** Ends the grant that an access or refresh token belongs to. */
  revokeByToken(token: string): void;
  /** Ends all access tokens now, but for those that never expire. */
  expireAll(): void;
  revokeAll(): void;
}

interface GrantState extends Grant {
  refreshToken?: string;
  revoked: boolean;
  changedAt: number;
  usedAt: number;
}

/** Grants with their tokens, in memory. `mint` makes a token; its label is `access:<kind>` or `refresh:<kind>`. */
export function createGrantStore(clock: Clock, mint: Mint, rotation: Rotation): GrantStore {
  const states = new Set<GrantState>();
  const accessTokens = new Map<string, { state: GrantState; expiresAt: number; dropped: boolean }>();
  const refreshTokens = new Map<string, { state: GrantState; replacedAt?: number }>();

  const stateOf = (grant: Grant) => grant as GrantState;
  const renew = (state: GrantState, now: number) => {
    const former = state.refreshToken === undefined ? undefined : refreshTokens.get(state.refreshToken);
    if (former !== undefined) former.replacedAt = now;
    state.refreshToken = mint(`refresh:${state.kind}`);
    state.changedAt = now;
    refreshTokens.set(state.refreshToken, { state });
  };

  return {
    open({ kind = '', publicClient = false, withRefresh, ...grant }) {
      const now = clock.now();
      const times = { grantedAt: now, changedAt: now, usedAt: now };
      const state: GrantState = { ...grant, kind, publicClient, revoked: false, ...times };
      states.add(state);
      if (withRefresh) renew(state, now);
      return state;
    },
    access(grant, lifeMs, value) {
      const token = value ?? mint(`access:${grant.kind}`);
      const expiresAt = lifeMs === undefined ? Infinity : clock.now() + lifeMs;
      accessTokens.set(token, { state: stateOf(grant), expiresAt, dropped: false });
      return token;
    },
    refresh(token, clientId) {
      const now = clock.now();
      const found = refreshTokens.get(token);
      if (found === undefined) return { ok: false, why: 'unknown' };
      const { state, replacedAt } = found;
      if (clientId !== undefined && clientId !== state.clientId) return { ok: false, why: 'client' };
      if (state.revoked) return { ok: false, why: 'revoked' };
      if (now - state.usedAt >= rotation.idleMs || now - state.grantedAt >= rotation.hardMs) {
        return { ok: false, why: 'expired' };
      }
      if (replacedAt !== undefined && now - replacedAt >= rotation.graceMs) {
        if (rotation.onReuse === 'revoke') state.revoked = true;
        return { ok: false, why: 'superseded' };
      }
      if (replacedAt === undefined && now - state.changedAt >= rotation.changeAfterMs) renew(state, now);
      state.usedAt = now;
      return { ok: true, grant: state };
    },
    check(accessToken) {
      const found = accessTokens.get(accessToken);
      if (found === undefined) return { state: 'unknown' };
      const grant = found.state;
      if (found.dropped || grant.revoked) return { state: 'revoked', grant };
      return { state: clock.now() >= found.expiresAt ? 'expired' : 'valid', grant };
    },
    dropAccess(accessToken) {
      const found = accessTokens.get(accessToken);
      if (found !== undefined) found.dropped = true;
    },
    revoke(grant) {
      stateOf(grant).revoked = true;
    },
    revokeByToken(token) {
      const state = accessTokens.get(token)?.state ?? refreshTokens.get(token)?.state;
      if (state !== undefined) state.revoked = true;
    },
    expireAll() {
      const now = clock.now();
      for (const entry of accessTokens.values())
        if (entry.expiresAt !== Infinity) entry.expiresAt = Math.min(entry.expiresAt, now);
    },
    revokeAll() {
      for (const state of states) state.revoked = true;
    },
  };
}
