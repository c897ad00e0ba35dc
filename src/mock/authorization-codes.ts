import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Grant } from './grant-store.ts';
import type { Mint } from './seeded-random.ts';

/** What the person agreed to. */
export interface Consent {
  readonly clientId: string;
  readonly redirectUri: string;
  /** Chosen company or workspace. */
  readonly tenant: string;
  /** S256 challenge (RFC 7636), if one was sent. */
  readonly challenge: string | undefined;
  /** Query of the authorization request. */
  readonly parameters: URLSearchParams;
}

/** What a client presents at the token endpoint. */
interface CodePresentation {
  readonly code: string;
  readonly clientId: string;
  readonly redirectUri: string | undefined;
  readonly verifier: string | undefined;
}

/** `ok` comes once for a code; `used` names the grants that the first exchange opened. */
type CodeOutcome =
  | { readonly kind: 'ok'; readonly consent: Consent }
  | { readonly kind: 'used'; readonly grants: readonly Grant[] }
  | { readonly kind: 'unknown' | 'expired' | 'redirect' | 'verifier' };

export interface AuthorizationCodes {
  issue(consent: Consent): string;
  redeem(presented: CodePresentation): CodeOutcome;
  /** Remembers what a code was exchanged for, so that a second exchange can end it. */
  record(code: string, grant: Grant): void;
}

/** RFC 6749 (4.1.2): a code lives ten minutes at most. */
const CODE_LIFE_MS = 600_000;

/** Single-use codes. A code of another client is `unknown`; a failed exchange does not use a code up. */
export function createAuthorizationCodes(clock: Clock, mint: Mint): AuthorizationCodes {
  const issued = new Map<string, { consent: Consent; issuedAt: number; used: boolean; grants: Grant[] }>();
  return {
    issue(consent) {
      const code = mint('code');
      issued.set(code, { consent, issuedAt: clock.now(), used: false, grants: [] });
      return code;
    },
    redeem({ code, clientId, redirectUri, verifier }) {
      const entry = issued.get(code);
      if (entry === undefined || entry.consent.clientId !== clientId) return { kind: 'unknown' };
      if (entry.used) return { kind: 'used', grants: entry.grants };
      if (clock.now() - entry.issuedAt >= CODE_LIFE_MS) return { kind: 'expired' };
      if (entry.consent.redirectUri !== redirectUri) return { kind: 'redirect' };
      if (!verifies(entry.consent.challenge, verifier)) return { kind: 'verifier' };
      entry.used = true;
      return { kind: 'ok', consent: entry.consent };
    },
    record(code, grant) {
      issued.get(code)?.grants.push(grant);
    },
  };
}

/** RFC 7636 (4.6); a verifier for a request without challenge is a downgrade and refused (RFC 9700, 2.1.1). */
function verifies(challenge: string | undefined, verifier: string | undefined): boolean {
  if (challenge === undefined || verifier === undefined) return challenge === verifier;
  return createHash('sha256').update(verifier).digest('base64url') === challenge;
}
