import { randomBytes } from 'node:crypto';
import type { WebhookSettings } from '../../providers/provider.ts';
import { Secret } from '../../secret.ts';
import { formatSpan } from '../../span.ts';
import type { DeliveryOutcome } from '../../webhooks/delivery.ts';
import { receiveDelivery } from '../../webhooks/receive-delivery.ts';
import { openReceiver } from '../../webhooks/receiver.ts';
import type { WebhookScheme } from '../../webhooks/scheme.ts';
import { verify } from '../../webhooks/verify.ts';
import { type Finding, pass, skip } from '../check.ts';
import type { Bench } from './bench.ts';
import { demand, given } from './demand.ts';
import type { Line } from './line.ts';

/** A delivery as the mock sent it, byte for byte. */
interface Delivered {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

function webhookLine(
  line: Omit<Line, 'run'> & { run(bench: Bench, webhook: WebhookSettings): Promise<Finding> },
): Line {
  return {
    ...line,
    webhooks: true,
    run: async (bench) => {
      const { webhook, title } = bench.provider;
      return webhook ? line.run(bench, webhook) : skip(`${title} has no webhooks that lwi knows`);
    },
  };
}

/** A secret that the scheme can use. */
function newSecret({ secretEncoding, secretPrefix = '' }: WebhookScheme): Secret {
  return new Secret(`${secretPrefix}${randomBytes(24).toString(secretEncoding ?? 'hex')}`);
}

/** What the mock sends and signs by itself, with code of its own and not with lwi's. */
async function delivery({ subject, clock }: Bench, secret: Secret, target: string): Promise<Delivered> {
  const { provider } = subject;
  const sent: Delivered[] = [];
  const mock = subject.mock({
    clock,
    webhookSecrets: { [provider.id]: secret.reveal() },
    fetch: async (_to, init) => {
      sent.push({
        headers: Object.fromEntries(new Headers(init?.headers)),
        body: Buffer.from(String(init?.body ?? '')),
      });
      return new Response('ok');
    },
  });
  const to = encodeURIComponent(target);
  await mock.fetch(new Request(`http://127.0.0.1/_mock/${provider.id}/webhook?to=${to}`, { method: 'POST' }));
  return given(sent[0], 'the mock sends no webhook');
}

const judge = (
  scheme: WebhookScheme,
  secrets: readonly Secret[],
  { headers, body }: Delivered,
  now: number,
  url: string,
) => verify({ scheme, secrets, headers, body, now, method: 'POST', path: url, hints: false }).verdict;

const signature = webhookLine({
  name: 'signature',
  about: '`webhook`: the scheme and its header',
  async run(bench, { scheme, readEvents }) {
    const { clock, provider } = bench;
    const url = `https://127.0.0.1:1/webhooks/${provider.id}`;
    const secret = newSecret(scheme);
    const sent = await delivery(bench, secret, url);
    const now = clock.now();
    const verdict = (change: Partial<Delivered>, secrets = [secret]) =>
      judge(scheme, secrets, { ...sent, ...change }, now, url);
    demand(verdict({}) === 'verified', `a true delivery is ${verdict({})}`);
    const body = Buffer.from(sent.body);
    body[body.length - 2] = (body[body.length - 2] ?? 0) ^ 1;
    demand(verdict({ body }) === 'signature-mismatch', `with one byte changed it is ${verdict({ body })}`);
    const wrong = verdict({}, [newSecret(scheme)]);
    demand(wrong === 'signature-mismatch', `with another secret it is ${wrong}`);
    const { [scheme.signatureHeader]: _, ...bare } = sent.headers;
    demand(verdict({ headers: bare }) === 'missing-header', 'a delivery without a signature is not refused');
    const rotating = verdict({}, [newSecret(scheme), secret]);
    demand(rotating === 'verified', `while the secret is replaced it is ${rotating}`);
    const events = readEvents(sent.body, sent.headers);
    demand(events.length > 0, 'the delivery is verified, and no event can be read from it');
    return pass(
      `${scheme.name}: ${scheme.algorithm} in ${scheme.signatureHeader}, signed by the mock: verified, also with two secrets; one byte changed or another secret: signature-mismatch; unsigned: missing-header; read as ${events.map(({ type }) => type).join(', ')}`,
    );
  },
});

/** A signature may not be good for longer, ms. */
const LONGEST_TOLERANCE_MS = 900_000;

const timestamp = webhookLine({
  name: 'timestamp',
  needs: ['signature'],
  about: '`webhook`: the header of the time, and `toleranceMs`',
  async run(bench, { scheme }) {
    const { clock, provider } = bench;
    const url = `https://127.0.0.1:1/webhooks/${provider.id}`;
    const secret = newSecret(scheme);
    const sent = await delivery(bench, secret, url);
    const at = (ms: number) => judge(scheme, [secret], sent, clock.now() + ms, url);
    if (scheme.timestampHeader === undefined && scheme.timestampPrefix === undefined) {
      demand(at(86_400_000) === 'verified', 'no time is signed, and yet a day later it is another verdict');
      return pass(
        `${scheme.name} signs no time: a delivery stays good, and a repeat is told by its id (see idempotency)`,
      );
    }
    const { toleranceMs } = scheme;
    demand(
      toleranceMs <= LONGEST_TOLERANCE_MS,
      `a signature stays good for ${formatSpan(toleranceMs)}, more than 15 minutes`,
    );
    const [inside, late, early] = [at(toleranceMs - 1000), at(toleranceMs + 2000), at(-toleranceMs - 2000)];
    demand(inside === 'verified', `a second before the end of the tolerance it is ${inside}`);
    demand(late === 'stale-timestamp', `2 s after the tolerance it is ${late}`);
    demand(early === 'future-timestamp', `2 s too far in the future it is ${early}`);
    return pass(`within ${formatSpan(toleranceMs)} verified; 2s later ${late}; 2s too far in the future ${early}`);
  },
});

const idempotency = webhookLine({
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

export const WEBHOOK_LINES: readonly Line[] = [signature, timestamp, idempotency];
