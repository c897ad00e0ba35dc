import type { DeliveryOutcome } from '../../webhooks/delivery.ts';
import { receiveDelivery } from '../../webhooks/receive-delivery.ts';
import { openReceiver } from '../../webhooks/receiver.ts';
import { pass } from '../check.ts';
import { demand } from './demand.ts';
import { delivery, newSecret, webhookLine } from './webhook-delivery.ts';

/** One event for all deliveries of it, through a real receiver and into a real store. */
export const idempotency = webhookLine({
  name: 'idempotency',
  needs: ['signature'],
  about: '`webhook`: `idHeader` or `idField`, and `readEvents`',
  async run(bench, webhook) {
    const { clock, provider, store } = bench;
    const secret = newSecret(webhook.scheme);
    const outcomes: DeliveryOutcome[] = [];
    const receiver = await openReceiver({
      ...{ host: '127.0.0.1', port: 0, maxBody: 1024 * 1024, now: clock.now, knows: (id) => id === provider.id },
      receive: (delivered) =>
        receiveDelivery(
          {
            now: clock.now,
            webhook: async () => webhook,
            signers: async () => [{ secrets: [secret], accounts: 'all' }],
            connections: async () => [{ account: 'north' }],
            accept: store.acceptEvents,
          },
          delivered,
        ),
      page: async () => undefined,
      told: (outcome) => void outcomes.push(outcome),
    });
    try {
      const to = `${receiver.url}/webhooks/${provider.id}/north`;
      const { headers, body } = await delivery(bench, secret, to);
      const send = async (change: Record<string, string> = {}) => {
        const answer = await fetch(to, {
          method: 'POST',
          headers: { ...headers, ...change },
          body: new Uint8Array(body),
        });
        return answer.status;
      };
      const together = await Promise.all([send(), send(), send()]);
      const later = await send();
      demand(
        [...together, later].every((status) => status === 200),
        `answered ${[...together, later].join(', ')}`,
      );
      const accepted = outcomes.filter((outcome) => outcome === 'accepted' || outcome === 'unknown-tenant').length;
      const repeated = outcomes.filter((outcome) => outcome === 'duplicate').length;
      demand(accepted === 1 && repeated === 3, `the same delivery 4 times: ${outcomes.join(', ')}`);
      const [stored] = [(await store.inboxCounts()).reduce((sum, { received, failed }) => sum + received + failed, 0)];
      demand(stored === 1, `${stored} events are in the inbox`);
      const forged = await send({ [webhook.scheme.signatureHeader]: 'AAAA' });
      demand(forged === 401, `a forged delivery is answered ${forged}`);
      return pass(
        'the same delivery three times at once and once later: 200 each time, 1 event in the inbox, 3 known as duplicates; forged: 401',
      );
    } finally {
      await receiver.close();
    }
  },
});
