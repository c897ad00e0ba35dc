import { chosenAccount } from '../../src/connection.ts';
import type { Context } from '../../src/context.ts';
import type { Secret } from '../../src/secret.ts';
import type { Signer } from '../../src/webhooks/receive-delivery.ts';
import { givenWebhookSecrets, storedWebhookSecrets } from './webhook-secrets.ts';

/** How long opened secrets are used before the vault is asked again, so that a new one counts soon, ms. */
const REMEMBERED_MS = 30_000;

export type KnownSigners = (provider: string, account: string | undefined) => Promise<readonly Signer[]>;

/**
 * Who may have signed a delivery: the environment's secrets speak for every account, those in the vault for their own, so that one tenant's secret
 * never vouches for another's events. `accounts` are those that are connected to a provider.
 */
export function knownSigners(
  context: Context,
  accounts: (provider: string) => Promise<readonly string[]>,
): KnownSigners {
  /** The same secrets each time, since their keys are made once for each. */
  const givenTo = new Map<string, readonly Signer[] | undefined>();
  const opened = new Map<string, { readonly at: number; readonly secrets: readonly Secret[] }>();

  async function secretsOf(provider: string, account: string): Promise<readonly Secret[]> {
    const name = `${provider}/${account}`;
    const known = opened.get(name);
    const now = context.clock.now();
    if (known && Math.abs(now - known.at) < REMEMBERED_MS) return known.secrets;
    const secrets = await storedWebhookSecrets(context, { account, provider });
    // Only what is there is remembered: paths with made-up accounts must not fill the memory.
    if (secrets.length > 0) opened.set(name, { at: now, secrets });
    else opened.delete(name);
    return secrets;
  }

  function givenSigners(provider: string): readonly Signer[] | undefined {
    if (!givenTo.has(provider)) {
      const secrets = givenWebhookSecrets(context, provider);
      givenTo.set(provider, secrets && [{ secrets, accounts: 'all' }]);
    }
    return givenTo.get(provider);
  }

  return async (provider, account) => {
    const given = givenSigners(provider);
    if (given) return given;
    if (account !== undefined && !isAccount(account)) return [];
    const asked = account === undefined ? [...(await accounts(provider)), await context.account()] : [account];
    const bySecrets = new Map<string, { readonly secrets: readonly Secret[]; readonly accounts: string[] }>();
    for (const each of new Set(asked)) {
      const secrets = await secretsOf(provider, each);
      if (secrets.length === 0) continue;
      const value = secrets.map((secret) => secret.reveal()).join('\n');
      const same = bySecrets.get(value) ?? { secrets, accounts: [] };
      same.accounts.push(each);
      bySecrets.set(value, same);
    }
    return [...bySecrets.values()];
  };
}

function isAccount(text: string): boolean {
  try {
    return chosenAccount(text) === text;
  } catch {
    return false;
  }
}
