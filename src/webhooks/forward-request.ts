import type { Forward } from '../store/forwards.ts';
import type { OutgoingRequest } from './request-sender.ts';

/**
 * An event as it is forwarded: headers and body as they came, and two headers more. `X-Lwi-Event-Id` is the same at each attempt, so that the target can tell a
 * repeat; `X-Lwi-Attempt` counts from 1.
 */
export function forwardRequest({ target, method, headers, body, key, attempt }: Forward): OutgoingRequest {
  return {
    ...{ url: target, method, body },
    headers: [...withEventId(headers, key), ['X-Lwi-Attempt', String(attempt)]],
  };
}

/** The headers of an event of the inbox with `X-Lwi-Event-Id`; what came under the names of lwi's own is left out. */
export function withEventId(headers: OutgoingRequest['headers'], key: string): OutgoingRequest['headers'] {
  const own = headers.filter(([name]) => !/^x-lwi-(event-id|attempt)$/i.test(name));
  const id = /^[\x21-\x7e]+$/.test(key) ? key : encodeURIComponent(key.toWellFormed());
  return [...own, ['X-Lwi-Event-Id', id]];
}
