import type { ConnectionKey } from '../connection.ts';
import { isLwiError } from '../errors.ts';
import type { Secret } from '../secret.ts';
import type { Send } from './http.ts';

/** An access token together with the generation of the connection that it belongs to. */
export interface Bearer {
  readonly token: Secret;
  readonly generation: number;
}

/** The slice of the token manager that a request needs. */
export interface BearerSource {
  /** A token that is not due, refreshed first if it is. */
  bearer(key: ConnectionKey, signal: AbortSignal): Promise<Bearer>;
  /** A newer token than `generation`, whatever the age of that one. */
  renewedBearer(key: ConnectionKey, generation: number, signal: AbortSignal): Promise<Bearer>;
  /** The provider says that the grant behind the token of `generation` has ended. */
  ended(key: ConnectionKey, generation: number, why: string): Promise<void>;
}

/**
 * Puts the bearer token on each attempt (RFC 6750, 2.1). When the provider no longer takes it (401, or the provider's word for
 * it), the token is refreshed once and the request repeated once: it was refused before anything was done. When the provider says that the
 * whole grant has ended (Slack's `token_revoked`), the connection is marked, so that `status` knows it too.
 */
export function authorize(tokens: BearerSource): (next: Send) => Send {
  return (next) => async (request, call) => {
    const key = call.connection;
    if (!key) return next(request, call);
    const send = async ({ token, generation }: Bearer) => {
      try {
        const headers = { ...request.headers, authorization: `Bearer ${token.reveal()}` };
        return await next({ ...request, headers }, call);
      } catch (error) {
        if (isLwiError(error, 'RECONNECT_REQUIRED')) await tokens.ended(key, generation, error.message);
        throw error;
      }
    };
    const first = await tokens.bearer(key, call.signal);
    try {
      return await send(first);
    } catch (error) {
      if (!isLwiError(error, 'UNAUTHORIZED')) throw error;
      return send(await tokens.renewedBearer(key, first.generation, call.signal));
    }
  };
}
