import type { Context } from '../../src/context.ts';
import type { GlobalOptions, Host } from '../../src/host.ts';
import { once } from '../../src/once.ts';
import { plainText } from '../../src/printable.ts';
import type { Provider } from '../../src/providers/provider.ts';
import type { DistantNames, StoredNames } from '../../src/store/stored-names.ts';
import { when } from '../shared/when.ts';
import type { Offer } from './offer.ts';

/** Events that are offered, the newest first: as many as a person looks through. */
const EVENTS = 50;

/** An account that cannot be read is not passed over for another; no account has this name. */
const NOBODY = '';

/** The names of this home, for completion. A home that cannot be read has fewer; nothing throws. */
export interface KnownNames {
  providers(): Promise<readonly Provider[]>;
  /** Ids of the providers that the chosen account is connected to; of any account where none is chosen. */
  connected(): Promise<readonly string[]>;
  accounts(): Promise<readonly Offer[]>;
  /** Events of the inbox whose id begins with `key`. */
  events(of: { readonly provider: string | undefined; readonly key: string }): Promise<readonly Offer[]>;
  /** Secrets that are kept for a provider. */
  secrets(provider: string): Promise<readonly Offer[]>;
  close(): Promise<void>;
}

/**
 * Reads config and database of the home that the options name, each only when it is asked for: no key, no network, nothing is made or changed. Most lines
 * need neither, and load neither.
 */
export function knownNames(host: Host, options: GlobalOptions, signal: AbortSignal): KnownNames {
  const opened: { close(): unknown }[] = [];
  const context = once(async () => {
    const { createContext } = await import('../../src/context.ts');
    const made = await createContext(host, options, signal);
    opened.unshift(made);
    return made;
  });
  const stored = once(async () => {
    const names = await namesOf(host, await context());
    if (names) opened.unshift(names);
    return names;
  });
  const from = <T>(
    read: (names: StoredNames | DistantNames) => readonly T[] | Promise<readonly T[]>,
  ): Promise<readonly T[]> =>
    orElse(
      async () => {
        const names = await stored();
        return names ? read(names) : [];
      },
      async () => [],
    );
  const account = () =>
    orElse(
      async () => (await context()).namedAccount(),
      async () => NOBODY,
    );
  return {
    providers: () =>
      orElse(
        async () => (await context()).providers(),
        async () => (await import('../../src/providers/registry.ts')).BUILT_IN,
      ),
    connected: async () => {
      const of = await account();
      const rows = await from((names) => names.connections());
      return rows.filter((row) => of === undefined || row.account === of).map(({ provider }) => provider);
    },
    accounts: async () => {
      const connected = new Map<string, string[]>();
      for (const { account: id, provider } of await from((names) => names.connections()))
        connected.set(id, [...(connected.get(id) ?? []), provider]);
      return [...connected].map(([word, providers]) => ({ word, about: providers.join(', ') }));
    },
    events: async ({ provider, key }) => {
      const ask = { account: await account(), provider, key, limit: EVENTS };
      const found = await from((names) => names.events(ask));
      if (found.length === 0) return [];
      const now = (await context()).clock.now();
      return found.map((event) => ({
        word: event.key,
        about: plainText(`${event.provider} ${event.type}, ${when(event.receivedAt, now)}`),
      }));
    },
    secrets: async (provider) => {
      const of = (await account()) ?? 'default';
      const found = await from((names) => names.secrets(of, provider));
      return found.map((word) => ({ word, about: '' }));
    },
    close: async () => {
      for (const one of opened) await one.close();
    },
  };
}

async function namesOf(host: Host, { paths, otherDatabase }: Context): Promise<StoredNames | DistantNames | undefined> {
  const other = await otherDatabase();
  if (!other) return (await import('../../src/store/sqlite/stored-names.ts')).openStoredNames(paths.data);
  const { postgresNames } = await import('../../src/store/postgres/stored-names.ts');
  return postgresNames(other.url, other.source, { environment: host.env, homedir: host.homedir });
}

async function orElse<T>(read: () => Promise<T>, otherwise: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch {
    return otherwise();
  }
}
