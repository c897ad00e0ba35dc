import type { Clock, Random } from '../clock.ts';
import type { Config } from '../config.ts';
import type { ConnectionKey } from '../connection.ts';
import { LwiError } from '../errors.ts';
import type { Cassette } from '../http/client.ts';
import type { Call, Send } from '../http/http.ts';
import type { RetryBudget } from '../http/retry.ts';
import type { TokenManager } from '../oauth/token-manager.ts';
import { once } from '../once.ts';
import type { Provider } from '../providers/provider.ts';
import type { Secret } from '../secret.ts';
import type { Store } from '../store/store.ts';
import type { Terminal } from '../terminal.ts';

/** The ways of a run to a provider; all go over one transport. */
export interface HttpClients {
  /** A client for the provider's API; `send` puts the connection's token on each request. */
  api(provider: Provider, cassette?: Cassette): Promise<Send>;
  /** The same for a token that is not stored yet. */
  clientFor(provider: Provider, token: Secret): Promise<Send>;
  /** A client for OAuth endpoints, with the call that names it. */
  oauth(provider: Provider, key: ConnectionKey): Promise<{ send: Send; call: Call }>;
}

interface HttpParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly terminal: Terminal;
  /** Names this process in the store. */
  readonly owner: string;
  /** 0, 1 (a line for each exchange) or 2 (headers too). */
  readonly verbosity: number;
  config(): Promise<Config>;
  store(): Promise<Store>;
  tokens(): Promise<TokenManager>;
  /** Takes what the run must close at its end, after what was opened earlier. */
  closeLast(close: () => Promise<void>): void;
}

/** Opens the transport when a client is asked for first, and once. */
export function httpClients({ config, store, tokens, closeLast, signal, ...given }: HttpParts): HttpClients {
  const { clock, random, terminal, owner, verbosity } = given;
  const wire = once(async () => {
    const { transport } = await import('../http/transport.ts');
    const { timeoutsFor } = await import('../http/timeouts.ts');
    const { timeouts } = await config();
    const opened = transport({ userAgent: 'lwi', timeouts: (id) => timeoutsFor(timeouts, id) });
    closeLast(() => opened.close());
    return opened.send;
  });
  /** A run has one for each provider, over the API and the OAuth endpoints. */
  const budgets = new Map<string, RetryBudget>();
  const parts = async (of: Provider) => {
    const { limitShare, retryChange } = await import('../client-settings.ts');
    const { DEFAULT_RETRY, retryBudget } = await import('../http/retry.ts');
    const budget = budgets.get(of.id) ?? retryBudget();
    budgets.set(of.id, budget);
    return {
      policy: { ...DEFAULT_RETRY, ...retryChange(await config(), of.id) },
      budget,
      share: limitShare(await config(), of.id),
      owner,
      clock,
      random,
      store: await store(),
      transport: await wire(),
      verbosity,
      note: terminal.info,
      log: terminal.trace,
    };
  };
  return {
    api: async (of, cassette) => {
      const { apiClient } = await import('../http/client.ts');
      return apiClient({ ...(await parts(of)), ...(cassette ? { cassette } : {}) }, of, await tokens());
    },
    clientFor: async (of, token) => {
      const { apiClient } = await import('../http/client.ts');
      const bearer = async () => ({ token, generation: 0 });
      const ended = async () => {};
      const renewedBearer = async () => {
        throw new LwiError('GRANT_REJECTED', `${of.title} does not accept this token.`, { provider: of.id });
      };
      return apiClient(await parts(of), of, { bearer, renewedBearer, ended });
    },
    oauth: async (of, connection) => {
      const { oauthClient } = await import('../http/client.ts');
      const call: Call = {
        provider: of.id,
        connection,
        limits: [],
        priority: 'interactive',
        repeatable: false,
        raw: true,
        signal,
        purpose: 'token',
      };
      return { send: oauthClient(await parts(of), of), call };
    },
  };
}
