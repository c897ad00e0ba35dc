import type { Secret } from '../../secret.ts';
import { formatSpan } from '../../span.ts';
import type { WebhookScheme } from '../../webhooks/scheme.ts';
import { verify } from '../../webhooks/verify.ts';
import { pass } from '../check.ts';
import { demand } from './demand.ts';
import { idempotency } from './idempotency-line.ts';
import type { Line } from './line.ts';
import { type Delivered, delivery, newSecret, webhookLine } from './webhook-delivery.ts';

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

export const WEBHOOK_LINES: readonly Line[] = [signature, timestamp, idempotency];
