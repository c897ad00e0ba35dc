import { describe, expect, it } from 'vitest';
import { findAppCredentials, findLogin, variableName } from '../../src/oauth/app-credentials.ts';
import { mycarrierpackets } from '../../src/providers/mycarrierpackets/provider.ts';
import { quickbooks } from '../../src/providers/quickbooks/provider.ts';
import { database, failureOf, KEY } from '../http/support.ts';
import { START } from '../support/virtual-clock.ts';
import { fixedVault } from './support.ts';

const ID = '3f0c7a52-0f6e-4c55-9d2b-6a9e2d6f3c11';
const SETTINGS = { clientAuthentication: 'basic' } as const;

/** Values by where they are: environment, vault, and the connection itself. */
async function setup(
  environment: Record<string, string> = {},
  kept: Record<string, string> = {},
  app?: { clientId: string; clientSecret?: string },
) {
  const store = database()();
  const vault = fixedVault(store);
  for (const [name, value] of Object.entries(kept)) {
    const sealed = await vault.seal(value, { ...KEY, column: 'secret', row: name });
    await store.putSecret({ ...KEY, name }, { sealed, fingerprint: 'f', updatedAt: START });
  }
  const client = app && (await vault.seal(JSON.stringify(app), { ...KEY, column: 'client_encrypted', row: ID }));
  const deps = { environment, store: async () => store, vault: async () => vault };
  const find = async (
    env: 'sandbox' | 'mock' = 'sandbox',
    settings: Parameters<typeof findAppCredentials>[3] = SETTINGS,
  ) => {
    const found = await findAppCredentials(
      deps,
      quickbooks,
      { ...KEY, env, ...(client && { id: ID, client }) },
      settings,
    );
    return [found.clientId, found.clientSecret?.reveal(), found.source];
  };
  return { deps, find };
}

const ENVIRONMENT = { LWI_QUICKBOOKS_CLIENT_ID: 'env-id', LWI_QUICKBOOKS_CLIENT_SECRET: 'env-secret' };
const KEPT = { 'client-id': 'vault-id', 'client-secret': 'vault-secret' };
const OWN = { clientId: 'own-id', clientSecret: 'own-secret' };

describe('app credentials', () => {
  it('come from the environment, then the vault, then the connection', async () => {
    expect(await (await setup(ENVIRONMENT, KEPT, OWN)).find()).toEqual([
      'env-id',
      'env-secret',
      'LWI_QUICKBOOKS_CLIENT_ID',
    ]);
    expect(await (await setup({}, KEPT, OWN)).find()).toEqual(['vault-id', 'vault-secret', 'vault (client-id)']);
    expect(await (await setup({}, {}, OWN)).find()).toEqual(['own-id', 'own-secret', 'kept with the connection']);
  });

  it('are built in for the mock, and only there', async () => {
    expect(await (await setup()).find('mock')).toEqual(['lwi-mock-client', 'lwi-mock-secret', 'built in for the mock']);
    expect(await (await setup(ENVIRONMENT)).find('mock')).toEqual(['env-id', 'env-secret', 'LWI_QUICKBOOKS_CLIENT_ID']);
    expect(await failureOf((await setup()).find())).toMatchObject({ code: 'CREDENTIALS_MISSING' });
  });

  it('may come from two places', async () => {
    const { LWI_QUICKBOOKS_CLIENT_ID } = ENVIRONMENT;
    expect(await (await setup({ LWI_QUICKBOOKS_CLIENT_ID }, KEPT)).find()).toEqual([
      'env-id',
      'vault-secret',
      'LWI_QUICKBOOKS_CLIENT_ID',
    ]);
  });

  it('never pass over a secret that stands in the environment alone: it is a new one of the same app', async () => {
    const { LWI_QUICKBOOKS_CLIENT_SECRET } = ENVIRONMENT;
    expect(await (await setup({ LWI_QUICKBOOKS_CLIENT_SECRET }, {}, OWN)).find()).toEqual([
      'own-id',
      'env-secret',
      'kept with the connection, LWI_QUICKBOOKS_CLIENT_SECRET',
    ]);
    const error = await failureOf((await setup({ LWI_QUICKBOOKS_CLIENT_SECRET })).find());
    expect(error).toMatchObject({
      code: 'CREDENTIALS_MISSING',
      message: expect.stringContaining('LWI_QUICKBOOKS_CLIENT_ID not set'),
    });
  });

  it('never take a secret of the connection for an id from elsewhere', async () => {
    const { LWI_QUICKBOOKS_CLIENT_ID } = ENVIRONMENT;
    expect(await failureOf((await setup({ LWI_QUICKBOOKS_CLIENT_ID }, {}, OWN)).find())).toMatchObject({
      code: 'CREDENTIALS_MISSING',
      message: 'QuickBooks Online needs the credentials of an app: LWI_QUICKBOOKS_CLIENT_SECRET not set.',
    });
  });

  it('take an empty variable for none', async () => {
    expect(await (await setup({ LWI_QUICKBOOKS_CLIENT_ID: '' }, KEPT)).find()).toEqual([
      'vault-id',
      'vault-secret',
      'vault (client-id)',
    ]);
  });

  it('need no secret for a public client', async () => {
    const { LWI_QUICKBOOKS_CLIENT_ID } = ENVIRONMENT;
    const { find } = await setup({ LWI_QUICKBOOKS_CLIENT_ID });
    expect(await find('sandbox', { clientAuthentication: 'none' })).toEqual([
      'env-id',
      undefined,
      'LWI_QUICKBOOKS_CLIENT_ID',
    ]);
  });

  it('are not needed for a stored connection that was made without an app', async () => {
    const { deps } = await setup();
    const found = await findAppCredentials(deps, quickbooks, { ...KEY, env: 'sandbox', id: ID }, SETTINGS);
    expect(found).toEqual({ clientId: 'none', source: 'not needed' });
  });

  it('say which variables are missing and what to run', async () => {
    expect(await failureOf((await setup()).find())).toMatchObject({
      message:
        'QuickBooks Online needs the credentials of an app: LWI_QUICKBOOKS_CLIENT_ID and LWI_QUICKBOOKS_CLIENT_SECRET not set.',
      hint: expect.stringContaining('lwi secret set quickbooks client-id'),
      facts: KEY,
    });
  });

  it('are not asked of the vault when the environment has them: no key is needed then', async () => {
    const { deps } = await setup();
    const locked = { ...deps, environment: ENVIRONMENT, vault: () => Promise.reject(new Error('no key')) };
    const found = await findAppCredentials(locked, quickbooks, { ...KEY, env: 'sandbox' }, SETTINGS);
    expect(found.clientId).toBe('env-id');
  });
});

describe('a login', () => {
  const target = { account: 'acme', provider: mycarrierpackets.id };

  it('needs both a user name and a password', async () => {
    const login = async (environment: Record<string, string>, env: 'production' | 'mock') => {
      const found = await findLogin((await setup(environment)).deps, target, env);
      return found && [found.username, found.password.reveal(), found.source];
    };
    const user = { LWI_MYCARRIERPACKETS_USERNAME: 'u' };
    const both = { ...user, LWI_MYCARRIERPACKETS_PASSWORD: 'p' };
    expect(await login(both, 'production')).toEqual(['u', 'p', 'LWI_MYCARRIERPACKETS_PASSWORD']);
    expect(await login(user, 'production')).toBeUndefined();
    expect(await login(user, 'mock')).toBeUndefined();
    expect(await login({}, 'production')).toBeUndefined();
    expect(await login({}, 'mock')).toEqual(['lwi@example.com', 'lwi-mock-password', 'built in for the mock']);
  });
});

describe('the names of variables', () => {
  it('are those of the contract', () => {
    expect([variableName('quickbooks', 'client-id'), variableName('my-tms', 'webhook-secret')]).toEqual([
      'LWI_QUICKBOOKS_CLIENT_ID',
      'LWI_MY_TMS_WEBHOOK_SECRET',
    ]);
  });
});
