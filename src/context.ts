import { existsSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { type Clock, type Random, systemClock, systemRandom, systemUptime } from './clock.ts';
import { type Config, loadConfig } from './config.ts';
import { type ConnectionKey, chosenAccount, chosenEnvironment, type Environment } from './connection.ts';
import { LwiError } from './errors.ts';
import type { GlobalOptions, Host } from './host.ts';
import type { Cassette } from './http/client.ts';
import type { Call, Send } from './http/http.ts';
import type { RetryBudget } from './http/retry.ts';
import type { AppCredentials, Login } from './oauth/app-credentials.ts';
import type { Protocol } from './oauth/protocol.ts';
import type { Prepare, TokenManager } from './oauth/token-manager.ts';
import { type Paths, resolvePaths } from './paths.ts';
import { createPrompt, type Prompt } from './prompt.ts';
import { allProviders, findProvider } from './providers/find.ts';
import type { Endpoints, Provider } from './providers/provider.ts';
import { BUILT_IN } from './providers/registry.ts';
import type { Secret } from './secret.ts';
import type { ConnectionRow, Store } from './store/store.ts';
import { openTerminal, type Terminal } from './terminal.ts';
import type { Vault } from './vault/vault.ts';

/** A connection as far as OAuth must know it; a stored row fits. */
export interface OAuthTarget extends ConnectionKey {
  readonly env: Environment;
  readonly variant?: string | undefined;
  /** The stored row's id and sealed app credentials, where there is a row. */
  readonly id?: string;
  readonly client?: Uint8Array | undefined;
}

/** Everything a command may need. Costly members are functions, made on first use and once. */
export interface Context {
  readonly host: Host;
  readonly options: GlobalOptions;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly terminal: Terminal;
  readonly prompt: Prompt;
  /** Throws USAGE where there is no home. */
  readonly paths: Paths;
  /** Names this process in leases and notes. */
  readonly owner: string;
  config(): Promise<Config>;
  account(): Promise<string>;
  /** The account that flag, environment or config names; undefined where nobody names one. */
  namedAccount(): Promise<string | undefined>;
  /** The environment that was asked for, and whether anybody asked. */
  env(): Promise<{ env: Environment; explicit: boolean }>;
  provider(id: string): Promise<Provider>;
  providers(): Promise<readonly Provider[]>;
  endpoints(provider: Provider, env: Environment): Promise<Endpoints>;
  store(): Promise<Store>;
  /** The store if its file is there already; commands that only look do not make one. */
  existingStore(): Promise<Store | undefined>;
  /** What is connected: of the account that flag, environment or config names, and in the environment that was asked for; else all. */
  existingConnections(): Promise<ConnectionRow[]>;
  vault(): Promise<Vault>;
  tokens(): Promise<TokenManager>;
  /** The connection of the chosen account, checked against an environment that was asked for. */
  connection(provider: string): Promise<ConnectionRow>;
  /** A client for the provider's API; `send` puts the connection's token on each request. */
  api(provider: Provider, cassette?: Cassette): Promise<Send>;
  /** The same for a token that is not stored yet. */
  clientFor(provider: Provider, token: Secret): Promise<Send>;
  /** The redirect URI that environment or config give for a provider. */
  redirectUri(provider: string): Promise<string | undefined>;
  /** The protocol of a connection, stored or about to be made. */
  protocolFor(target: OAuthTarget, signal: AbortSignal, purpose?: 'grant' | 'revocation'): Promise<Protocol>;
  /** The app credentials that a refresh of this connection would use. */
  appCredentials(target: OAuthTarget): Promise<AppCredentials>;
  /** User name and password for a password grant, where the environment or the vault has them. */
  login(target: OAuthTarget): Promise<Login | undefined>;
  /** A client for OAuth endpoints, with the call that names it. */
  oauth(provider: Provider, key: ConnectionKey): Promise<{ send: Send; call: Call }>;
  /** Closes what was opened; a second call does nothing. */
  close(): Promise<void>;
}

/** The composition root: builds the one plain object that commands get. Reads nothing and opens nothing yet. */
export async function createContext(host: Host, options: GlobalOptions, signal: AbortSignal): Promise<Context> {
  const clock = systemClock;
  const environment = host.env;
  const terminal = await openTerminal({ ...options, stdout: host.stdout, stderr: host.stderr, environment });
  const canAsk = () => options.input && !environment['CI'] && host.stderr.isTTY && host.stdin.isTTY === true;
  let resolved: Paths | undefined;
  const paths = () => {
    resolved ??= resolvePaths({ home: options.home, environment, platform: host.platform, homedir: host.homedir() });
    return resolved;
  };
  // A process id comes back after a while; together with the time it does not.
  const owner = `${host.pid}@${hostname()}/${clock.now().toString(36)}`;
  const closers: (() => Promise<void>)[] = [];

  const config = once(async () => loadConfig(paths().config));
  const account = once(async () =>
    chosenAccount(options.account ?? environment['LWI_ACCOUNT'] ?? (await config()).account),
  );
  const namedAccount = async () => {
    const named = (options.account ?? (environment['LWI_ACCOUNT'] || (await config()).account)) || undefined;
    return named && chosenAccount(named);
  };
  const env = once(async () => chosenEnvironment(options.env ?? environment['LWI_ENV'] ?? (await config()).env));
  const provider = async (id: string) => findProvider(id, { builtIn: BUILT_IN, config: await config() });
  const endpoints = async (of: Provider, at: Environment) => {
    const { endpointsOf } = await import('./oauth/settings.ts');
    const { mockUrl } = await import('./mock/mock-url.ts');
    return endpointsOf(of, at, mockUrl(environment));
  };
  /** A database that was asked for is refused aloud, never passed over for the file. */
  const refuseOtherDatabase = async () => {
    const where = environment['LWI_DATABASE_URL']
      ? 'LWI_DATABASE_URL'
      : (await config()).database && `\`database\` in ${paths().config}`;
    if (!where) return;
    throw new LwiError('USAGE', `${where} is set, but this version keeps its data in SQLite only.`, {
      hint: `Unset ${where}.`,
    });
  };
  const store = once(async () => {
    await refuseOtherDatabase();
    const { openSqliteStore } = await import('./store/sqlite/open.ts');
    const opened = openSqliteStore(paths().data, { now: () => clock.now(), uptime: systemUptime });
    closers.unshift(() => opened.close());
    return opened;
  });
  const existingStore = async () => {
    await refuseOtherDatabase();
    const home = statSync(dirname(paths().data), { throwIfNoEntry: false });
    // A home that is a file is no empty home; the store says what is wrong with it.
    return existsSync(paths().data) || home?.isDirectory() === false ? store() : undefined;
  };
  const vault = once(async () => {
    const { chooseKeyProvider } = await import('./vault/choose-key-provider.ts');
    const { openVault } = await import('./vault/vault.ts');
    const opened = await store();
    return openVault({
      keyProvider: chooseKeyProvider({
        environment,
        vaultId: await opened.vaultId(),
        clock,
        onStuck: host.leaveAtOnce,
      }),
      store: opened,
    });
  });
  const wire = once(async () => {
    const { transport } = await import('./http/transport.ts');
    const { timeoutsFor } = await import('./http/timeouts.ts');
    const { timeouts } = await config();
    const opened = transport({ userAgent: 'lwi', timeouts: (id) => timeoutsFor(timeouts, id) });
    closers.push(() => opened.close());
    return opened.send;
  });
  /** A run has one for each provider, over the API and the OAuth endpoints. */
  const budgets = new Map<string, RetryBudget>();
  const parts = async (of: Provider) => {
    const { limitShare, retryChange } = await import('./client-settings.ts');
    const { DEFAULT_RETRY, retryBudget } = await import('./http/retry.ts');
    const budget = budgets.get(of.id) ?? retryBudget();
    budgets.set(of.id, budget);
    const verbosity = options.verbosity;
    return {
      policy: { ...DEFAULT_RETRY, ...retryChange(await config(), of.id) },
      budget,
      share: limitShare(await config(), of.id),
      owner,
      clock,
      random: systemRandom,
      store: await store(),
      transport: await wire(),
      verbosity,
      note: terminal.info,
      log: terminal.trace,
    };
  };
  const oauth = async (of: Provider, key: ConnectionKey) => {
    const { oauthClient } = await import('./http/client.ts');
    const call: Call = {
      provider: of.id,
      connection: key,
      limits: [],
      priority: 'interactive',
      repeatable: false,
      raw: true,
      signal,
      purpose: 'token',
    };
    return { send: oauthClient(await parts(of), of), call };
  };
  const secrets = { environment, store, vault };
  const appCredentials = async (target: OAuthTarget): Promise<AppCredentials> => {
    const { findAppCredentials, NO_APP } = await import('./oauth/app-credentials.ts');
    const { variantOf } = await import('./oauth/settings.ts');
    const of = await provider(target.provider);
    const { settings } = variantOf(of, await endpoints(of, target.env), target.variant);
    return settings.clientAuthentication === 'omitted' ? NO_APP : findAppCredentials(secrets, of, target, settings);
  };
  const login = async (target: OAuthTarget) => {
    const { findLogin } = await import('./oauth/app-credentials.ts');
    return findLogin(secrets, { account: target.account, provider: target.provider }, target.env);
  };
  const protocolFor: Context['protocolFor'] = async (target, under, purpose = 'grant') => {
    const { variantOf } = await import('./oauth/settings.ts');
    const { discover } = await import('./oauth/discovery.ts');
    const of = await provider(target.provider);
    const { settings, endpoints: at } = variantOf(of, await endpoints(of, target.env), target.variant);
    const app = await appCredentials(target);
    const { send, call } = await oauth(of, { account: target.account, provider: target.provider });
    const protocol = {
      send,
      call: { ...call, signal: under },
      provider: of,
      settings,
      endpoints: at,
      app,
      now: () => clock.now(),
    };
    return { ...protocol, ...(await discover(protocol, purpose)) };
  };
  const tokens = once(async () => {
    const { TokenManager } = await import('./oauth/token-manager.ts');
    const prepare: Prepare = async (...input) => {
      const { prepareRenewal } = await import('./oauth/renew.ts');
      return prepareRenewal({ protocolFor, loginFor: login })(...input);
    };
    const { unstopped } = host;
    const parts = { store: await store(), vault: await vault(), clock, owner, prepare, unstopped, warn: terminal.warn };
    return new TokenManager(parts);
  });
  return {
    ...{
      host,
      options,
      clock,
      random: systemRandom,
      signal,
      terminal,
      owner,
      config,
      account,
      namedAccount,
      env,
      provider,
      endpoints,
    },
    ...{ store, vault, tokens, oauth, protocolFor, appCredentials, login },
    get paths() {
      return paths();
    },
    prompt: createPrompt({ canAsk, signal, output: host.stderr.stream }),
    providers: async () => allProviders({ builtIn: BUILT_IN, config: await config() }),
    existingStore,
    existingConnections: async () => {
      const opened = await existingStore();
      const of = await namedAccount();
      const { env: wanted, explicit } = await env();
      const rows = opened ? await opened.connections({ account: of }) : [];
      return rows.filter((row) => !explicit || row.env === wanted);
    },
    connection: async (id) => {
      const key = { account: await account(), provider: (await provider(id)).id };
      const row = await (await store()).connection(key);
      const { env: wanted, explicit } = await env();
      if (!row || (explicit && row.env !== wanted)) throw notConnected(key, row, wanted);
      return row;
    },
    api: async (of, cassette) => {
      const { apiClient } = await import('./http/client.ts');
      return apiClient({ ...(await parts(of)), ...(cassette ? { cassette } : {}) }, of, await tokens());
    },
    clientFor: async (of, token) => {
      const { apiClient } = await import('./http/client.ts');
      const bearer = async () => ({ token, generation: 0 });
      const ended = async () => {};
      const renewedBearer = async () => {
        throw new LwiError('GRANT_REJECTED', `${of.title} does not accept this token.`, { provider: of.id });
      };
      return apiClient(await parts(of), of, { bearer, renewedBearer, ended });
    },
    redirectUri: async (id) => {
      const { variableName } = await import('./oauth/app-credentials.ts');
      return environment[variableName(id, 'redirect-uri')] || (await config()).redirectUris?.[id];
    },
    close: once(async () => {
      for (const closeOne of closers) await closeOne();
    }),
  };
}

function notConnected(key: ConnectionKey, row: ConnectionRow | undefined, wanted: Environment): LwiError {
  if (!row)
    return new LwiError('NOT_CONNECTED', `Account ${key.account} has no connection to ${key.provider}.`, { ...key });
  return new LwiError(
    'NOT_CONNECTED',
    `Account ${key.account} is connected to ${key.provider} in ${row.env}, not in ${wanted}.`,
    {
      ...key,
      hint: `Leave out --env ${wanted}, or run \`lwi connect ${key.provider} --env ${wanted}\` under another account.`,
    },
  );
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
