import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/clock.ts';
import { sealToken } from '../../src/oauth/sealed-token.ts';
import { Secret } from '../../src/secret.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { generateKey } from '../../src/vault/encryption-key.ts';
import { environmentKey } from '../../src/vault/environment-key.ts';
import { openVault } from '../../src/vault/vault.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';
import { type Ran, runLwi } from '../support/lwi.ts';
import { documentOf } from '../support/scenario.ts';

/** A provider's sandbox: what it needs from the environment, and how to become connected with it. */
export interface Sandbox {
  readonly provider: string;
  readonly env: 'sandbox' | 'production';
  /** Variables that are all needed, unless `LWI_SANDBOX_HOME` names a home where the provider is connected. */
  readonly variables: readonly string[];
  /** Words of `lwi api` that read and change nothing, and kinds of records that are few. */
  readonly probe: readonly string[];
  readonly entities: readonly string[];
  connect(machine: Machine): Promise<unknown>;
}

/** lwi on this machine, in a home of its own or in the one that `LWI_SANDBOX_HOME` names. */
export interface Machine {
  readonly home: string;
  readonly key: string;
  run(words: readonly string[]): Promise<Ran>;
}

export const SANDBOXES: readonly Sandbox[] = [
  {
    provider: 'quickbooks',
    env: 'sandbox',
    variables: [
      ...['LWI_QUICKBOOKS_CLIENT_ID', 'LWI_QUICKBOOKS_CLIENT_SECRET'],
      ...['LWI_SANDBOX_QUICKBOOKS_REFRESH_TOKEN', 'LWI_SANDBOX_QUICKBOOKS_REALM_ID'],
    ],
    probe: ['/query', '--query', 'query=select count(*) from Customer'],
    entities: ['customers'],
    connect: storeRefreshToken,
  },
  {
    provider: 'slack',
    env: 'production',
    variables: ['LWI_SLACK_TOKEN'],
    probe: ['/auth.test'],
    entities: ['users', 'channels'],
    connect: ({ run }) => run(['connect', 'slack', '--with-token']),
  },
  {
    // It has no sandbox; everything here only reads.
    provider: 'mycarrierpackets',
    env: 'production',
    variables: ['LWI_MYCARRIERPACKETS_USERNAME', 'LWI_MYCARRIERPACKETS_PASSWORD'],
    probe: [...['-X', 'POST'], '/api/v1/Carrier/MonitoredCarriers?pageNumber=1&pageSize=1'],
    entities: ['completed-packets'],
    connect: ({ run }) => run(['connect', 'mycarrierpackets']),
  },
];

/** What this sandbox lacks, in words; undefined when it can be tried. */
export function missingFor({ variables }: Sandbox, environment = process.env): string | undefined {
  if (environment['LWI_SANDBOX_HOME']) return undefined;
  const missing = variables.filter((name) => !environment[name]);
  return missing.length > 0 ? `${missing.join(', ')} not set (and no LWI_SANDBOX_HOME)` : undefined;
}

/** A machine that is connected to the sandbox; undefined where the home that was given is not. */
export async function openSandbox(sandbox: Sandbox): Promise<Machine | undefined> {
  const { LWI_SANDBOX_HOME: given, LWI_ENCRYPTION_KEY: ownKey, ...rest } = process.env;
  const home = given || join(temporaryDirectory(), 'home');
  // A home that is there has its key where it always was.
  const key = given ? (ownKey ?? '') : generateKey();
  const env = { ...rest, LWI_HOME: home, LWI_ENV: sandbox.env, ...(key === '' ? {} : { LWI_ENCRYPTION_KEY: key }) };
  const run = (words: readonly string[]) => runLwi(words, { cwd: temporaryDirectory(), env, limitMs: 240_000 });
  const machine = { home, key, run };
  if (!given) {
    await sandbox.connect(machine);
    return machine;
  }
  const rows = documentOf(await run(['status', '--json'])) as { provider: string }[];
  return rows.some(({ provider }) => provider === sandbox.provider) ? machine : undefined;
}

/**
 * There is no command that takes a refresh token, because a person connects in the browser: the row is written as `lwi connect` would. The access
 * token is over from the beginning, so that the first command refreshes it.
 */
async function storeRefreshToken({ home, key }: Machine): Promise<void> {
  mkdirSync(home, { mode: 0o700, recursive: true });
  const store = openSqliteStore(join(home, 'lwi.db'), systemClock);
  try {
    const vault = openVault({ keyProvider: environmentKey(key), store });
    const row = { account: 'default', provider: 'quickbooks', id: randomUUID() };
    const token = await sealToken(vault, row, {
      accessToken: new Secret('none yet'),
      refreshToken: new Secret(process.env['LWI_SANDBOX_QUICKBOOKS_REFRESH_TOKEN'] ?? ''),
      ...{ tokenType: 'bearer', issuedAt: 0, expiresAt: 1, scopes: [], facts: {} },
    });
    const externalId = process.env['LWI_SANDBOX_QUICKBOOKS_REALM_ID'] ?? '';
    await store.putConnection({ ...row, env: 'sandbox', externalId, token, at: systemClock.now() }, undefined);
  } finally {
    await store.close();
  }
}
