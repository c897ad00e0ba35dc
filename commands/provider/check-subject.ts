import type { Elsewhere, Subject } from '../../src/checks/provider/subject.ts';
import type { Context } from '../../src/context.ts';
import { isLwiError, LwiError } from '../../src/errors.ts';
import { apiRequest } from '../../src/http/api-request.ts';
import { createMock } from '../../src/mock/mock.ts';
import { variableName } from '../../src/oauth/app-credentials.ts';
import type { Endpoints, Provider } from '../../src/providers/provider.ts';
import { Secret } from '../../src/secret.ts';
import { isSecureUrl } from '../../src/secure-url.ts';
import type { ConnectionRow } from '../../src/store/store.ts';
import { isLwiMock } from './is-lwi-mock.ts';

export interface SubjectOptions {
  /** Another server in the place of the mock. */
  readonly baseUrl: string | undefined;
  /** Folder for throw-away homes. */
  readonly place: string;
  /** Aborts when the time of all checks is over. */
  readonly signal: AbortSignal;
}

/** What `provider check` is about. Throws USAGE for an address that is none, UNSUPPORTED for a provider without a mock. */
export async function subjectOf(
  context: Context,
  provider: Provider,
  { baseUrl, place, signal }: SubjectOptions,
): Promise<Subject> {
  const { clock } = context;
  const { providers: own = {} } = await context.config();
  if (!provider.environments.mock)
    throw new LwiError('UNSUPPORTED', `${provider.title} has no mock to be checked against.`, {
      provider: provider.id,
    });
  return {
    ...{ provider, place, time: clock, ofTheUser: Object.hasOwn(own, provider.id) },
    mock: (options) => createMock({ ...options, definitions: Object.values(own), providers: [provider.id] }),
    elsewhere: baseUrl === undefined ? undefined : await elsewhereAt(context, provider, baseUrl, signal),
    trace: { verbosity: context.options.verbosity, log: context.terminal.trace },
    sandbox: (signal) => trySandbox(context, provider, signal),
  };
}

async function elsewhereAt(
  context: Context,
  provider: Provider,
  text: string,
  signal: AbortSignal,
): Promise<Elsewhere> {
  const url = text.replace(/\/+$/, '');
  if (!URL.canParse(url) || !isSecureUrl(url) || new URL(url).search !== '')
    throw new LwiError('USAGE', '--base-url takes an https address, or http on loopback, without a query.');
  const named = (name: string) => context.host.env[variableName(provider.id, name)] || undefined;
  const secret = (name: string) => {
    const value = named(name);
    return value === undefined ? undefined : new Secret(value);
  };
  const [clientId, username, password] = [named('client-id'), named('username'), secret('password')];
  const isMock = await isLwiMock(context, { provider, url, signal });
  return {
    ...{ url, anyHost: isMock },
    endpoints: (standIn) => (isMock && provider.environments.mock?.(standIn)) || endpointsOn(provider, url, standIn),
    ...(clientId === undefined ? {} : { app: { clientId, clientSecret: secret('client-secret') } }),
    ...(username && password ? { login: { username, password, source: 'environment' } } : {}),
    ...(isMock ? {} : { token: secret('token') }),
  };
}

/** An emulator: its API is at the address that was given, everything else at the paths that the provider itself has. */
function endpointsOn({ environments }: Provider, url: string, standIn: string): Endpoints {
  const { apiBaseUrl: _, issuer: _issuer, ...rest } = environments.production ?? { apiBaseUrl: url };
  const moved = Object.entries(rest).map(([name, each]) => [name, each && `${standIn}${new URL(each).pathname}`]);
  return { ...Object.fromEntries(moved), apiBaseUrl: `${standIn}${new URL(url).pathname.replace(/\/$/, '')}` };
}

/** One read with the chosen account's connection to the sandbox, where there is one. */
async function trySandbox(context: Context, provider: Provider, signal: AbortSignal): Promise<string | undefined> {
  const account = await context.account();
  let row: ConnectionRow | undefined;
  try {
    row = await (await context.existingStore())?.connection({ account, provider: provider.id });
  } catch (error) {
    // The checklist is about the provider, and everything else works in a throw-away home.
    if (!isLwiError(error) || error.category !== 'storage') throw error;
    return `not tried, as the connections of this machine cannot be read: ${error.message}`;
  }
  if (row?.env !== 'sandbox') return undefined;
  const { method, path } = provider.api.probe;
  const { apiBaseUrl } = await context.endpoints(provider, 'sandbox');
  const send = await context.api(provider);
  const response = await send(apiRequest(provider, apiBaseUrl, row.externalId, { method, path }), {
    ...{ provider: provider.id, connection: { account, provider: provider.id }, signal },
    ...{ limits: provider.limitsFor(method, path), priority: 'interactive', repeatable: true, purpose: 'check' },
  });
  return `tried as ${row.externalName ?? row.externalId ?? account}: ${method} ${path.split('?', 1)[0]} answered ${response.status}`;
}
