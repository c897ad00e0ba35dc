import type { Context } from '../../src/context.ts';
import { openAccessToken, openIdToken, openRefreshToken } from '../../src/oauth/sealed-token.ts';
import { Secret } from '../../src/secret.ts';
import type { Connected } from './recordable.ts';

/** Variables of lwi that hold secrets; the user name of a login is none. */
const CONFIDENTIAL = /^LWI_(\w+_)?(KEY|SECRET|PASSWORD|PASSPHRASE|TOKEN)$/;

/** Names in the vault that are no secrets, and may well stand in the data of the provider. */
const PUBLIC = ['client-id', 'username'];

/** Makes every secret that the environment holds known, so that it is taken out wherever it shows. */
export function knowEnvironment(environment: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || !CONFIDENTIAL.test(name)) continue;
    // Webhook secrets come one a line.
    for (const line of value.split('\n')) known(line.trim());
    known(value);
    if (name.endsWith('ENCRYPTION_KEY')) knownKey(Buffer.from(value, 'base64'));
  }
}

/**
 * Makes known what this connection and its vault hold: tokens, app credentials, passwords, webhook secrets and the key. Throws what the vault
 * throws: what cannot be opened could not be recognised.
 */
export async function knowSecretsOf(context: Context, { account, provider }: Connected): Promise<void> {
  const store = await context.store();
  const vault = await context.vault();
  const row = await store.connection({ account, provider });
  if (!row) return;
  for (const open of [openAccessToken, openRefreshToken, openIdToken]) await open(vault, row);
  if (row.client) {
    const app = await vault.open(row.client, { account, provider, column: 'client_encrypted', row: row.id });
    const { clientSecret } = JSON.parse(app.reveal()) as { clientSecret?: string };
    known(clientSecret ?? '');
  }
  for (const { name, sealed } of await store.secrets({ account, provider })) {
    if (PUBLIC.includes(name)) continue;
    const secret = await vault.open(sealed, { account, provider, column: 'secret', row: name });
    for (const line of secret.reveal().split('\n')) known(line.trim());
  }
  const { chooseKeyProvider } = await import('../../src/vault/choose-key-provider.ts');
  const { host, clock } = context;
  const vaultId = await store.vaultId();
  const key = chooseKeyProvider({ environment: host.env, vaultId, clock, onStuck: host.leaveAtOnce });
  knownKey(await key.read(await store.vaultKeyId()));
}

function knownKey(key: Uint8Array | undefined): void {
  if (!key) return;
  const bytes = Buffer.from(key);
  known(bytes.toString('base64'));
  known(bytes.toString('base64').replace(/=+$/, ''));
  known(bytes.toString('base64url'));
  known(bytes.toString('hex'));
}

/** A Secret is known from its making on, as long as it is not too short to be told from ordinary text. */
function known(value: string): Secret {
  return new Secret(value);
}
