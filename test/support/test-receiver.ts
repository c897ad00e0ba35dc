import { onTestFinished } from 'vitest';
import type { Delivery, DeliveryOutcome } from '../../src/webhooks/delivery.ts';
import { openReceiver, type ReceiverOptions } from '../../src/webhooks/receiver.ts';

/** A receiver on a free port that takes everything; `got` holds what came, `told` what was said of it. Closed when the test ends. */
export async function testReceiver(change: Partial<ReceiverOptions> = {}) {
  const got: Delivery[] = [];
  const told: [DeliveryOutcome, string | undefined][] = [];
  const receiver = await openReceiver({
    ...{ host: '127.0.0.1', port: 0, maxBody: 1000, now: () => 7, knows: () => true },
    receive: async (delivery) => {
      got.push(delivery);
      return { outcome: 'accepted', status: 200, body: { received: true } };
    },
    page: async (path) => (path === '/healthz' ? { status: 200, type: 'text/plain', body: 'fine' } : undefined),
    told: (outcome, provider) => void told.push([outcome, provider]),
    ...change,
  });
  onTestFinished(() => receiver.close());
  return { ...receiver, got, told };
}

export const post = (url: string, path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(url + path, { method: 'POST', body: 'x', ...init });
