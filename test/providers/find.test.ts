import { describe, expect, test } from 'vitest';
import type { Config } from '../../src/config.ts';
import { LwiError } from '../../src/errors.ts';
import { allProviders, applyEndpoints, findProvider } from '../../src/providers/find.ts';
import { fromDefinition } from '../../src/providers/generic/provider.ts';
import type { Provider } from '../../src/providers/provider.ts';

const definition = (id: string) => ({ id, api: { baseUrl: `https://${id}.example` } });
const real = { authorizationEndpoint: 'https://slack.example/authorize', tokenEndpoint: 'https://slack.example/token' };
const base = fromDefinition(definition('slack'));
const slack: Provider = {
  ...base,
  environments: {
    production: { ...real, apiBaseUrl: 'https://slack.example/api' },
    mock: (url) => ({ apiBaseUrl: `${url}/slack` }),
  },
  oauth: {
    ...base.oauth,
    variants: {
      bot: { title: 'Bot' },
      user: {
        title: 'User',
        endpoints: (endpoints) => ({ ...endpoints, tokenEndpoint: 'https://slack.example/user-token' }),
      },
      derived: {
        title: 'Derived',
        endpoints: (endpoints) => ({ ...endpoints, tokenEndpoint: `${endpoints.tokenEndpoint}/user` }),
      },
    },
  },
};
const quickbooks = fromDefinition(definition('quickbooks'));
const builtIn = [quickbooks, slack];
const find = (id: string, config: Config = {}) => findProvider(id, { builtIn, config });

describe('findProvider', () => {
  test('a built-in one, and one of the user’s own before it', () => {
    expect(find('slack')).toBe(slack);
    const own = find('slack', { providers: { slack: { ...definition('slack'), title: 'My Slack' } } });
    expect(own.title).toBe('My Slack');
  });

  test('an unknown one is refused with the nearest name and all names', () => {
    const hint = 'Run `lwi provider list`, or add one of your own with `lwi provider add --file <json>`.';
    const config = { providers: { acme: definition('acme') } };
    const unknown = (id: string, near: string) =>
      expect(() => find(id, config)).toThrow(
        new LwiError('PROVIDER_UNKNOWN', `there is no provider "${id}"${near} Known: quickbooks, slack, acme.`, {
          hint,
        }),
      );
    unknown('slak', ': did you mean slack?');
    unknown('SLACK', ': did you mean slack?');
    unknown('quick', ': did you mean quickbooks?');
    unknown('amce', ': did you mean acme?');
    unknown('xero', '.');
    unknown('constructor', '.');
  });

  test('settings for a provider that does not exist are refused, so that a misspelt override does not pass unseen', () => {
    const known = 'known: quickbooks, slack';
    expect(() => find('slack', { endpoints: { slak: { tokenEndpoint: 'https://x.example' } } })).toThrow(
      new LwiError('CONFIG_INVALID', `the config file: endpoints.slak: there is no such provider; ${known}`),
    );
    expect(() => find('slack', { timeouts: { providers: { slak: { callMs: 1 } } } })).toThrow(
      new LwiError('CONFIG_INVALID', `the config file: timeouts.providers.slak: there is no such provider; ${known}`),
    );
    expect(() => find('slack', { limits: { slack: {}, slak: {} } })).toThrow(
      new LwiError('CONFIG_INVALID', `the config file: limits.slak: there is no such provider; ${known}`),
    );
    expect(() => find('slack', { redirectUris: { qb: 'https://x.example' } })).toThrow(
      new LwiError('CONFIG_INVALID', `the config file: redirectUris.qb: there is no such provider; ${known}`),
    );
    const both = { providers: { acme: definition('acme') }, endpoints: { acme: {} } };
    expect(() => find('slack', both)).toThrow(
      new LwiError('CONFIG_INVALID', 'the config file: endpoints.acme: change providers.acme instead'),
    );
  });
});

test('allProviders: built-in ones, then the user’s own by name', () => {
  const config = { providers: { zeta: definition('zeta'), acme: definition('acme'), slack: definition('slack') } };
  expect(allProviders({ builtIn, config }).map(({ id }) => id)).toEqual(['quickbooks', 'acme', 'slack', 'zeta']);
});

describe('endpoints that the config points elsewhere', () => {
  const override = { tokenEndpoint: 'http://127.0.0.1:9/token', authorizationEndpoint: '' };
  const pointed = find('slack', { endpoints: { slack: override } });

  test('the named ones are replaced in the real environments, the mock keeps its own', () => {
    expect(pointed.environments.production).toEqual({
      authorizationEndpoint: 'https://slack.example/authorize',
      tokenEndpoint: 'http://127.0.0.1:9/token',
      apiBaseUrl: 'https://slack.example/api',
    });
    expect(pointed.environments.mock?.('http://127.0.0.1:1')).toEqual({ apiBaseUrl: 'http://127.0.0.1:1/slack' });
  });

  test('no variant leads back to the real provider', () => {
    const { production = { apiBaseUrl: '' } } = pointed.environments;
    const tokenEndpoint = (variant: string) => pointed.oauth.variants?.[variant]?.endpoints?.(production).tokenEndpoint;
    expect(tokenEndpoint('user')).toBe('http://127.0.0.1:9/token');
    expect(tokenEndpoint('derived')).toBe('http://127.0.0.1:9/token/user');
    const mock = { apiBaseUrl: 'http://127.0.0.1:1', tokenEndpoint: 'http://127.0.0.1:1/token' };
    expect(pointed.oauth.variants?.['derived']?.endpoints?.(mock).tokenEndpoint).toBe('http://127.0.0.1:1/token/user');
  });

  test('applyEndpoints does the same to endpoints alone', () => {
    const endpoints = { ...real, apiBaseUrl: 'https://slack.example/api' };
    expect(applyEndpoints(endpoints, override, 'production')).toEqual({
      ...endpoints,
      tokenEndpoint: 'http://127.0.0.1:9/token',
    });
    expect(applyEndpoints(endpoints, override, 'mock')).toEqual(endpoints);
    expect(applyEndpoints(endpoints, undefined, 'sandbox')).toEqual(endpoints);
  });
});
