import { deadlineSignal } from '../clock.ts';
import { isLoopbackHost } from '../loopback-host.ts';
import type { SignedEvent } from './provider-fake.ts';

/** What came of one delivery. Status 0: no answer, `error` says why. */
export interface Delivery {
  readonly status: number;
  readonly error?: string;
}

/** All three providers want an answer within three seconds (their webhook pages; MyCarrierPackets gives no number). */
const ANSWER_WITHIN_MS = 3_000;

/** The address that a webhook may go to: http or https on loopback. Undefined for any other. */
export function loopbackTarget(to: string | null): string | undefined {
  const url = to === null ? null : URL.parse(to);
  if (url === null || !/^https?:$/.test(url.protocol) || !isLoopbackHost(url.hostname)) return undefined;
  return url.href;
}

/** Sends a signed event once for each attempt, one after the other, byte for byte the same. Never throws. */
export async function deliver(event: SignedEvent, to: string, times: number, send: typeof fetch): Promise<Delivery[]> {
  const deliveries: Delivery[] = [];
  for (let attempt = 0; attempt < times; attempt++) {
    const headers = { ...event.headers, ...(attempt === 0 ? {} : event.retryHeaders?.(attempt)) };
    deliveries.push(await deliverOnce(event.body, headers, to, send));
  }
  return deliveries;
}

async function deliverOnce(
  body: string,
  headers: Record<string, string>,
  to: string,
  send: typeof fetch,
): Promise<Delivery> {
  const { signal, done } = deadlineSignal(ANSWER_WITHIN_MS);
  try {
    const answer = await send(to, { method: 'POST', headers, body, redirect: 'manual', signal });
    await answer.body?.cancel();
    return { status: answer.status };
  } catch {
    return { status: 0, error: signal.aborted ? 'http_timeout' : 'connection_failed' };
  } finally {
    done();
  }
}
