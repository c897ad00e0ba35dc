import { LwiError } from './errors.ts';
import { didYouMean } from './providers/nearest-name.ts';

/** Which of a provider's worlds is meant. `mock` is the fake that `lwi mock` serves on loopback. */
export const ENVIRONMENTS = ['production', 'sandbox', 'mock'] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

/** Names one connection: a tenant of ours (`account`) and a provider. There is at most one for each pair. */
export interface ConnectionKey {
  readonly account: string;
  readonly provider: string;
}

/** `refresh:acme/quickbooks`-like text for leases, throttles and messages. */
export function connectionName(key: ConnectionKey): string {
  return `${key.account}/${key.provider}`;
}

/** A tenant id may be a UUID, a slug or a number; it goes into paths and keys, so it is kept to plain characters. */
export const ACCOUNT_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,127}$/;

/** The tenant that was asked for, else `default`. Throws USAGE for a name that could not stand in a path or a key. */
export function chosenAccount(name: string | undefined): string {
  const account = name || 'default';
  if (!ACCOUNT_PATTERN.test(account))
    throw new LwiError('USAGE', `"${account}" is no account id: letters, digits, dot, dash, underscore, @.`);
  return account;
}

/** The environment that was asked for, else production. Throws USAGE for an unknown one. */
export function chosenEnvironment(name: string | undefined): { env: Environment; explicit: boolean } {
  if (!name) return { env: 'production', explicit: false };
  const env = ENVIRONMENTS.find((known) => known === name);
  if (!env)
    throw new LwiError(
      'USAGE',
      `"${name}" is no environment: ${ENVIRONMENTS.join(', ')}.${didYouMean(name, ENVIRONMENTS)}`,
    );
  return { env, explicit: true };
}
