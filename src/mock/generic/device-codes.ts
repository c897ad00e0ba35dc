import type { Clock } from '../../clock.ts';
import type { Mint } from '../seeded-random.ts';

/** How long a code may be approved, s. */
const LIFE_S = 600;
/** RFC 8628 (3.2) lets the server choose; five seconds would be long for those who try. */
const INTERVAL_S = 1;
/** Nobody asks to the millisecond. */
const LENIENCE_MS = 100;

/** A request of a device for somebody's approval. */
interface DeviceRequest {
  readonly clientId: string;
  readonly scope: string;
  readonly deviceCode: string;
  readonly userCode: string;
  readonly expiresAt: number;
  askedAt: number;
  decision?: 'denied' | { readonly tenant: string };
  used: boolean;
}

/** Codes of RFC 8628. */
export interface DeviceCodes {
  /** The answer of the device authorization endpoint (3.2). */
  issue(clientId: string, scope: string, page: string): Record<string, unknown>;
  /** What waits under a code, however it is typed; undefined when nothing does. */
  waiting(userCode: string): { readonly clientId: string; readonly scope: string } | undefined;
  decide(userCode: string, decision: 'denied' | { readonly tenant: string }): void;
  /** What the token endpoint is to say (3.5): an error, or who has approved what; that comes once. */
  redeem(
    deviceCode: string,
    clientId: string,
  ): { readonly error: string } | { readonly tenant: string; readonly scope: string };
}

export function createDeviceCodes(clock: Clock, mint: Mint): DeviceCodes {
  const requests = new Map<string, DeviceRequest>();
  const byUserCode = (typed: string) => {
    const letters = lettersOf(typed);
    return [...requests.values()].find(
      (each) => lettersOf(each.userCode) === letters && each.decision === undefined && clock.now() < each.expiresAt,
    );
  };
  return {
    issue(clientId, scope, page) {
      const deviceCode = mint('device');
      const userCode = readable(mint('user'));
      const expiresAt = clock.now() + LIFE_S * 1000;
      const request = { clientId, scope, deviceCode, userCode, expiresAt, askedAt: -Infinity, used: false };
      requests.set(deviceCode, request);
      return {
        device_code: deviceCode,
        user_code: userCode,
        verification_uri: page,
        verification_uri_complete: `${page}?user_code=${userCode}`,
        expires_in: LIFE_S,
        interval: INTERVAL_S,
      };
    },
    waiting: byUserCode,
    decide(userCode, decision) {
      const found = byUserCode(userCode);
      if (found !== undefined) found.decision = decision;
    },
    redeem(deviceCode, clientId) {
      const found = requests.get(deviceCode);
      const now = clock.now();
      if (found === undefined || found.clientId !== clientId || found.used) return { error: 'invalid_grant' };
      if (now >= found.expiresAt) return { error: 'expired_token' };
      const early = now - found.askedAt < INTERVAL_S * 1000 - LENIENCE_MS;
      found.askedAt = now;
      if (early) return { error: 'slow_down' };
      if (found.decision === undefined) return { error: 'authorization_pending' };
      found.used = true;
      return found.decision === 'denied' ? { error: 'access_denied' } : { ...found.decision, scope: found.scope };
    },
  };
}

/** RFC 8628 (6.1): consonants that nobody takes for each other or reads as a word, and typed in any way. */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';

function readable(opaque: string): string {
  const bytes = Buffer.from(opaque, 'base64url').subarray(0, 8);
  const text = [...bytes].map((byte) => LETTERS[byte % LETTERS.length]).join('');
  return `${text.slice(0, 4)}-${text.slice(4)}`;
}

function lettersOf(typed: string): string {
  return typed.toUpperCase().replace(/[^A-Z]/g, '');
}
