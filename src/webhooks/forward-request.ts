import type { Forward } from '../store/forwards.ts';
import type { OutgoingRequest } from './request-sender.ts';

/**
 * An event as it is forwarded: headers and body as they came, and two headers more. `X-Lwi-Event-Id` is the same at each attempt, so that the target can tell a
 * repeat; `X-Lwi-Attempt` counts from 1.
 */
export function forwardRequest({ target, method, headers, body, key, attempt }: Forward): OutgoingRequest {
  const own = headers.filter(([name]) => !/^x-lwi-(event-id|attempt)$/i.test(name));
  const id = /^[\x21-\x7e]+$/.test(key) ? key : encodeURIComponent(key.toWellFormed());
  return {
    ...{ url: target, method, body },
    headers: [...own, ['X-Lwi-Event-Id', id], ['X-Lwi-Attempt', String(attempt)]],
  };
}
