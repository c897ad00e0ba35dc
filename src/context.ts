import { hostname } from 'node:os';
import { type Clock, type Random, systemClock, systemRandom } from './clock.ts';
import { type Config, loadConfig } from './config.ts';
import { chosenAccount, chosenEnvironment, type Environment } from './connection.ts';
import { type Connections, connections } from './context/connections.ts';
import { type HttpClients, httpClients } from './context/http-clients.ts';
import { type OAuthAccess, oauthAccess } from './context/oauth-access.ts';
import { type Storage, storage } from './context/storage.ts';
import type { GlobalOptions, Host } from './host.ts';
import { once } from './once.ts';
import { type Paths, resolvePaths } from './paths.ts';
import { createPrompt, type Prompt } from './prompt.ts';
import { allProviders, findProvider } from './providers/find.ts';
import type { Endpoints, Provider } from './providers/provider.ts';
import { BUILT_IN } from './providers/registry.ts';
import { openTerminal, type Terminal } from './terminal.ts';

/** Everything a command may need. Costly members are functions, made on first use and once. */
export interface Context extends Storage, Connections, HttpClients, OAuthAccess {
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
  /** Closes what was opened; a second call does nothing. */
  close(): Promise<void>;
}

/** The composition root: builds the one plain object that commands get. Reads nothing and opens nothing yet. */
export async function createContext(host: Host, options: GlobalOptions, signal: AbortSignal): Promise<Context> {
  const clock = systemClock;
  const random = systemRandom;
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
  const given = { host, options, clock, random, signal, terminal, owner };
  const chosen = { config, account, namedAccount, env, provider, endpoints };
  const shared = { ...given, ...chosen, environment };
  const closeFirst = (close: () => Promise<void>) => void closers.unshift(close);
  const closeLast = (close: () => Promise<void>) => void closers.push(close);

  const { homedir, leaveAtOnce: onStuck } = host;
  const stored = storage({ ...shared, paths, homedir, warn: terminal.warn, onStuck, closeFirst });
  const { store } = stored;
  const tokens = () => access.tokens();
  const clients = httpClients({ ...shared, store, tokens, verbosity: options.verbosity, closeLast });
  const access = oauthAccess({ ...shared, ...stored, oauth: clients.oauth, unstopped: host.unstopped });
  return {
    ...given,
    ...chosen,
    ...stored,
    ...connections({ ...shared, ...stored }),
    ...clients,
    ...access,
    get paths() {
      return paths();
    },
    prompt: createPrompt({ canAsk, signal, output: host.stderr.stream }),
    providers: async () => allProviders({ builtIn: BUILT_IN, config: await config() }),
    close: once(async () => {
      for (const close of closers) await close();
    }),
  };
}
