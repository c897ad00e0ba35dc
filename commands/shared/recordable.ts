import type { Clock } from '../../src/clock.ts';
import type { ConnectionKey, Environment } from '../../src/connection.ts';
import type { Context } from '../../src/context.ts';
import type { Send } from '../../src/http/http.ts';
import type { Provider } from '../../src/providers/provider.ts';
import type { ConnectionRow } from '../../src/store/store.ts';
import type { SyncStore } from '../../src/sync/sync-deps.ts';

/** What a command may know of a connection: everything but its tokens. */
export type Connected = Pick<ConnectionRow, 'account' | 'provider' | 'env' | 'externalId' | 'externalName'>;

/**
 * The world of a command that can be recorded: all that such a command may ask. Whatever else it needs has to be added here, so that a
 * recording holds it too, and a replay asks nobody.
 */
export interface RecordableContext
  extends Pick<Context, 'host' | 'options' | 'terminal' | 'signal' | 'clock' | 'owner'> {
  /** Real time, for what is shown while a person waits. Nothing of it may reach the result. */
  readonly meanwhile: Clock;
  /** Throws like `Context.provider`. */
  provider(id: string): Promise<Provider>;
  /** The connection of the chosen account. Throws like `Context.connection`. */
  connection(provider: string): Promise<Connected>;
  /** All connections of the chosen account, in the environment that was asked for, if one was. */
  connections(): Promise<{ readonly account: string; readonly rows: readonly Connected[] }>;
  /** Where the provider's API is. */
  baseUrl(provider: Provider, env: Environment): Promise<string>;
  /** Throws when the connection cannot be used. */
  usable(key: ConnectionKey): Promise<void>;
  syncStore(): Promise<SyncStore>;
  /** A client for the provider's API. */
  api(provider: Provider): Promise<Send>;
  /** A fresh UUID; the same one again in a replay. */
  uniqueId(): Promise<string>;
  /** What a look at this machine gives, which must be JSON; a replay is told what was seen then, under the same name, and does not look. */
  look<T>(name: string, at: (context: Context) => Promise<T>): Promise<T>;
}

/** The world as it is. */
export function liveContext(context: Context): RecordableContext {
  const { host, options, terminal, signal, clock, owner } = context;
  return {
    ...{ host, options, terminal, signal, clock, owner, meanwhile: clock },
    provider: context.provider,
    connection: context.connection,
    connections: async () => {
      const account = await context.account();
      const { env, explicit } = await context.env();
      // Whoever only asks makes no database.
      const rows = (await (await context.existingStore())?.connections({ account })) ?? [];
      return { account, rows: rows.filter((row) => !explicit || row.env === env) };
    },
    baseUrl: async (provider, env) => (await context.endpoints(provider, env)).apiBaseUrl,
    usable: async (key) => void (await (await context.tokens()).usable(key)),
    syncStore: context.store,
    api: (provider) => context.api(provider),
    uniqueId: async () => process.getBuiltinModule('node:crypto').randomUUID(),
    look: (_name, at) => at(context),
  };
}
