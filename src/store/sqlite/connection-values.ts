import type { NewConnection, SealedToken } from '../store.ts';
import type { Value } from './database.ts';

type Values = Readonly<Record<string, Value>>;

/** What an INSERT of a connection binds, by name. */
export function newConnectionValues(row: NewConnection): Values {
  const { account, provider, id, env, variant, client, externalId, externalName, externalUserId, token, at } = row;
  const identity = { account, provider, id, env, variant, client, externalId, externalName, externalUserId };
  return { ...identity, ...tokenValues(token), at };
}

/** What a statement that stores a token binds, by name. */
export function tokenValues(token: SealedToken): Values {
  const { accessToken, refreshToken, idToken, tokenType, scopes } = token;
  const { issuedAt, expiresAt, refreshExpiresAt, refreshHardExpiresAt } = token;
  const life = { issuedAt, expiresAt, refreshExpiresAt, refreshHardExpiresAt };
  return { accessToken, refreshToken, idToken, tokenType, ...life, scopes: JSON.stringify(scopes) };
}
