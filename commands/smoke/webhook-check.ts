import { type Finding, skip } from '../../src/checks/check.ts';
import { type Witness, webhookFinding } from '../../src/checks/webhook-finding.ts';
import type { ConnectionKey } from '../../src/connection.ts';
import type { Context } from '../../src/context.ts';
import { accountOption } from '../../src/errors.ts';
import { variableName } from '../../src/oauth/app-credentials.ts';
import { collectHeaders } from '../../src/webhooks/collect-headers.ts';
import { givenWebhookSecrets, storedWebhookSecrets } from '../shared/webhook-secrets.ts';
import { when } from '../shared/when.ts';

/** An older delivery may have been signed with a secret that was replaced since, ms: a week. */
const LATELY_MS = 7 * 86_400_000;

/** Whether webhooks of a connection verify, with the secret that a receiver would use now. */
export async function webhookCheck(context: Context, { account, provider: id }: ConnectionKey): Promise<Finding> {
  const { title, webhook } = await context.provider(id);
  if (!webhook) return skip(`${title} has no webhooks, as far as lwi knows`);
  const variable = variableName(id, 'webhook-secret');
  const given = givenWebhookSecrets(context, id);
  const stored = await storedWebhookSecrets(context, { account, provider: id });
  const secrets = given ?? stored;
  if (secrets.length === 0) return skip('no webhook secret is kept, so none can be received');
  const command = `\`lwi secret set ${id} webhook-secret${accountOption(account)}\``;
  return webhookFinding({
    ...{ title, scheme: webhook.scheme, secrets, now: context.clock.now() },
    source: given ? variable : 'the vault',
    passedOver: given ? stored : [],
    witness: await newestDelivery(context, { account, provider: id }),
    next: `Give the secret that ${title} signs with: ${given ? `set ${variable}` : `run ${command}`}; while it is being replaced, both, one a line.`,
  });
}

async function newestDelivery(context: Context, key: ConnectionKey): Promise<Witness | undefined> {
  const store = await context.store();
  const now = context.clock.now();
  const [newest] = await store.events({ ...key, order: 'newest', limit: 1, since: now - LATELY_MS });
  const event = newest && (await store.event(newest.event));
  if (!event) return undefined;
  const { key: name, headers, body, method, path, receivedAt } = event;
  return { name: `${name}, ${when(receivedAt, now)}`, headers: collectHeaders(headers), body, method, path };
}
