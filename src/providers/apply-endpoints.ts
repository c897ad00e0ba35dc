import type { EndpointOverrides } from '../config.ts';
import type { Environment } from '../connection.ts';
import type { OAuthVariant } from './oauth-settings.ts';
import type { Endpoints, Provider } from './provider.ts';

/** Endpoints of a built-in provider with those of the config in place. The mock's stay; an empty override is none. */
export function applyEndpoints(
  endpoints: Endpoints,
  given: EndpointOverrides | undefined,
  env: Environment,
): Endpoints {
  return env === 'mock' ? endpoints : { ...endpoints, ...filled(given) };
}

/**
 * A built-in provider pointed elsewhere: every environment but the mock, and every variant. The rest of the provider stays, so
 * that an emulator or a recording is treated as the real thing.
 */
export function overrideEndpoints(provider: Provider, given: EndpointOverrides): Provider {
  const overrides = filled(given);
  const { production, sandbox } = provider.environments;
  const { variants } = provider.oauth;
  return {
    ...provider,
    environments: {
      ...provider.environments,
      ...(production === undefined ? {} : { production: { ...production, ...overrides } }),
      ...(sandbox === undefined ? {} : { sandbox: { ...sandbox, ...overrides } }),
    },
    oauth: variants === undefined ? provider.oauth : { ...provider.oauth, variants: guarded(variants, overrides) },
  };
}

function filled(given: EndpointOverrides = {}): EndpointOverrides {
  return Object.fromEntries(Object.entries(given).filter(([, url]) => url !== ''));
}

function guarded(
  variants: Readonly<Record<string, OAuthVariant>>,
  overrides: EndpointOverrides,
): Record<string, OAuthVariant> {
  return Object.fromEntries(
    Object.entries(variants).map(([name, variant]) => {
      const { endpoints } = variant;
      if (endpoints === undefined) return [name, variant];
      return [name, { ...variant, endpoints: (base: Endpoints) => keepOverrides(base, endpoints(base), overrides) }];
    }),
  );
}

/** A variant may refine an overridden endpoint (another path there), but never lead back to the real provider. */
function keepOverrides(base: Endpoints, varied: Endpoints, overrides: EndpointOverrides): Endpoints {
  const result: { -readonly [Name in keyof Endpoints]: Endpoints[Name] } = { ...varied };
  for (const name of Object.keys(overrides) as (keyof EndpointOverrides)[]) {
    const override = overrides[name];
    const url = varied[name];
    if (override === undefined || base[name] !== override) continue;
    if (url === undefined || new URL(url).origin !== new URL(override).origin) result[name] = override;
  }
  return result;
}
