import { openAccessToken, openIdToken, openRefreshToken } from '../../src/oauth/sealed-token.ts';
import type { Store } from '../../src/store/store.ts';
import type { KeyProvider } from '../../src/vault/key-provider.ts';
import { openVault } from '../../src/vault/vault.ts';
import { KEY, NOW, sampleConnection, sampleToken } from '../store/sample-rows.ts';

const AT = { ...KEY, row: sampleConnection().id };

/** What `fillVault` seals, by where it goes. */
export const CONTENT = {
  client: '{"clientId":"app","clientSecret":"shh"}',
  access: 'access-token',
  refresh: 'refresh-token',
  id: 'id-token',
  secret: 'webhook-secret-1',
};

/** Seals one of everything that the database can hold. */
export async function fillVault(store: Store, keyProvider: KeyProvider): Promise<void> {
  const vault = openVault({ keyProvider, store });
  const seal = (column: string, text: string) => vault.seal(text, { ...AT, column });
  const token = {
    ...sampleToken(),
    accessToken: await seal('access_token_encrypted', CONTENT.access),
    refreshToken: await seal('refresh_token_encrypted', CONTENT.refresh),
    idToken: await seal('id_token_encrypted', CONTENT.id),
  };
  const client = await seal('client_encrypted', CONTENT.client);
  await store.putConnection(sampleConnection({ client, token }), undefined);
  const sealed = await vault.seal(CONTENT.secret, { ...KEY, column: 'secret', row: 'webhook-secret' });
  await store.putSecret({ ...KEY, name: 'webhook-secret' }, { sealed, fingerprint: 'f', updatedAt: NOW });
}

/** Opens everything; equals CONTENT when nothing was lost. */
export async function readVault(store: Store, keyProvider: KeyProvider): Promise<Record<string, string | undefined>> {
  const vault = openVault({ keyProvider, store });
  const row = await store.connection(KEY);
  const secret = await store.secret({ ...KEY, name: 'webhook-secret' });
  if (!row?.client || !secret) throw new Error('the database has lost a row');
  return {
    client: (await vault.open(row.client, { ...AT, column: 'client_encrypted' })).reveal(),
    access: (await openAccessToken(vault, row)).reveal(),
    refresh: (await openRefreshToken(vault, row))?.reveal(),
    id: (await openIdToken(vault, row))?.reveal(),
    secret: (await vault.open(secret.sealed, { ...KEY, column: 'secret', row: 'webhook-secret' })).reveal(),
  };
}
