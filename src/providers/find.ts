import type { Config } from '../config.ts';
import { LwiError } from '../errors.ts';
import { overrideEndpoints } from './apply-endpoints.ts';
import { fromDefinition } from './generic/provider.ts';
import { nearestName } from './nearest-name.ts';
import type { Provider } from './provider.ts';

export { applyEndpoints } from './apply-endpoints.ts';

/** Where providers come from. */
export interface ProviderSources {
  readonly builtIn: readonly Provider[];
  readonly config: Config;
}

/**
 * The provider of that id: the user's own before a built-in one, with the endpoints that the config points it at. Throws
 * PROVIDER_UNKNOWN naming the nearest and all others, CONFIG_INVALID when the config names a provider that does not exist.
 */
export function findProvider(id: string, sources: ProviderSources): Provider {
  assertSettingsFit(sources);
  const { builtIn, config } = sources;
  const own = Object.hasOwn(config.providers ?? {}, id) ? config.providers?.[id] : undefined;
  if (own !== undefined) return fromDefinition(own);
  const found = builtIn.find((provider) => provider.id === id);
  if (found !== undefined) return overridden(found, config);
  const known = providerIds(sources);
  const near = nearestName(id, known);
  throw new LwiError(
    'PROVIDER_UNKNOWN',
    `there is no provider ${JSON.stringify(id.slice(0, 64))}${near === undefined ? '.' : `: did you mean ${near}?`} Known: ${known.join(', ')}.`,
    { hint: 'Run `lwi provider list`, or add one of your own with `lwi provider add --file <json>`.' },
  );
}

/** Built-in ones first, in their order, then the user's own by name. Throws like `findProvider`. */
export function allProviders(sources: ProviderSources): readonly Provider[] {
  assertSettingsFit(sources);
  const { builtIn, config } = sources;
  const own = config.providers ?? {};
  const kept = builtIn.filter(({ id }) => !Object.hasOwn(own, id)).map((provider) => overridden(provider, config));
  return [...kept, ...sortedOwn(config).map(fromDefinition)];
}

/** Ids in the order of `allProviders`. */
export function providerIds({ builtIn, config }: ProviderSources): readonly string[] {
  const own = config.providers ?? {};
  return [
    ...builtIn.map(({ id }) => id).filter((id) => !Object.hasOwn(own, id)),
    ...sortedOwn(config).map(({ id }) => id),
  ];
}

function sortedOwn({ providers = {} }: Config) {
  return Object.values(providers).sort((a, b) => (a.id < b.id ? -1 : 1));
}

function overridden(provider: Provider, { endpoints = {} }: Config): Provider {
  const overrides = Object.hasOwn(endpoints, provider.id) ? endpoints[provider.id] : undefined;
  return overrides === undefined ? provider : overrideEndpoints(provider, overrides);
}

/** A setting under a misspelt name must not be passed over: requests would go to the real provider. */
function assertSettingsFit({ builtIn, config }: ProviderSources): void {
  const own = config.providers ?? {};
  const known = providerIds({ builtIn, config });
  const sections: readonly (readonly [name: string, byProvider: object | undefined])[] = [
    ['endpoints', config.endpoints],
    ['redirectUris', config.redirectUris],
    ['timeouts.providers', config.timeouts?.providers],
    ['limits', config.limits],
  ];
  for (const [section, byProvider = {}] of sections) {
    const stray = Object.keys(byProvider).find((id) => !known.includes(id));
    if (stray) throw misplaced(`${section}.${stray}: there is no such provider; known: ${known.join(', ')}`);
  }
  for (const id of Object.keys(config.endpoints ?? {})) {
    if (Object.hasOwn(own, id)) throw misplaced(`endpoints.${id}: change providers.${id} instead`);
  }
}

function misplaced(what: string): LwiError {
  return new LwiError('CONFIG_INVALID', `the config file: ${what}`);
}
