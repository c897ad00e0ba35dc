import type { Environment } from '../connection.ts';
import { LwiError } from '../errors.ts';
import { didYouMean } from '../providers/nearest-name.ts';
import type { OAuthSettings } from '../providers/oauth-settings.ts';
import type { Endpoints, Provider } from '../providers/provider.ts';

/** The provider's OAuth settings and endpoints with the chosen variant (`--as bot|user`) applied. */
export function variantOf(
  provider: Provider,
  endpoints: Endpoints,
  variant: string | undefined,
): { settings: OAuthSettings; endpoints: Endpoints; variant: string | undefined } {
  const { variants } = provider.oauth;
  const name = variant ?? (variants && Object.keys(variants)[0]);
  if (name === undefined) return { settings: provider.oauth, endpoints, variant: undefined };
  const chosen = variants?.[name];
  if (!chosen) {
    const known = Object.keys(variants ?? {});
    const message = `${provider.title} cannot be connected as "${name}" (known: ${known.join(', ') || 'none'}).`;
    throw new LwiError('USAGE', `${message}${didYouMean(name, known)}`, {
      provider: provider.id,
    });
  }
  const { title: _title, endpoints: change, ...overrides } = chosen;
  return {
    settings: { ...provider.oauth, ...overrides },
    endpoints: change ? change(endpoints) : endpoints,
    variant: name,
  };
}

/** Endpoints of a provider in one environment. Throws UNSUPPORTED when it has no such environment. */
export function endpointsOf(provider: Provider, env: Environment, mockUrl: string): Endpoints {
  const found = env === 'mock' ? provider.environments.mock?.(mockUrl) : provider.environments[env];
  if (found) return found;
  throw new LwiError('UNSUPPORTED', `${provider.title} has no ${env} environment.`, { provider: provider.id });
}
