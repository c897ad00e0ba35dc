import { randomBytes } from 'node:crypto';
import type { WebhookSettings } from '../../providers/webhook-settings.ts';
import { Secret } from '../../secret.ts';
import type { WebhookScheme } from '../../webhooks/scheme.ts';
import { type Finding, skip } from '../check.ts';
import type { Bench } from './bench.ts';
import { given } from './demand.ts';
import type { Line } from './line.ts';

/** A delivery as the mock sent it, byte for byte. */
export interface Delivered {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** A line about webhooks, for those that have some. */
export function webhookLine(
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
export function newSecret({ secretEncoding, secretPrefix = '' }: WebhookScheme): Secret {
  return new Secret(`${secretPrefix}${randomBytes(24).toString(secretEncoding ?? 'hex')}`);
}

/** What the mock sends and signs by itself, with code of its own and not with lwi's. */
export async function delivery({ subject, clock }: Bench, secret: Secret, target: string): Promise<Delivered> {
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
