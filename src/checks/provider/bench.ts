import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Random, systemRandom } from '../../clock.ts';
import type { ConnectionKey } from '../../connection.ts';
import { LwiError } from '../../errors.ts';
import { type ApiRequest, apiRequest } from '../../http/api-request.ts';
import type { BearerSource } from '../../http/authorize.ts';
import { apiClient, type Cassette, oauthClient } from '../../http/client.ts';
import type { Call, HttpRequest, Send } from '../../http/http.ts';
import { DEFAULT_RETRY, type RetryPolicy } from '../../http/retry.ts';
import { DEFAULT_TIMEOUTS, type Timeouts } from '../../http/timeouts.ts';
import { transport } from '../../http/transport.ts';
import { prepareRenewal } from '../../oauth/renew.ts';
import { TokenManager } from '../../oauth/token-manager.ts';
import type { Endpoints, Provider } from '../../providers/provider.ts';
import { openSqliteStore } from '../../store/sqlite/open.ts';
import type { ConnectionRow, Store } from '../../store/store.ts';
import { generateKey } from '../../vault/encryption-key.ts';
import { environmentKey } from '../../vault/environment-key.ts';
import { openVault, type Vault } from '../../vault/vault.ts';
import { closeAll } from './close-all.ts';
import { handOn } from './hand-on.ts';
import { type IdleClock, idleClock } from './idle-clock.ts';
import type { Line } from './line.ts';
import { loginOf, protocolOf } from './protocol-at.ts';
import { relaxedLimits } from './relaxed-limits.ts';
import { type StandIn, serveStandIn } from './stand-in.ts';
import { endpointsAt, isApi, type Subject } from './subject.ts';

/** A throw-away home with a key of its own, a server in the provider's place, and lwi's core between the two. Each line of the checklist has its own. */
export interface Bench {
  readonly subject: Subject;
  /** With its own limits for a line that is about them, else with generous ones. */
  readonly provider: Provider;
  readonly clock: IdleClock;
  readonly standIn: StandIn;
  readonly endpoints: Endpoints;
  /** Folder of the database. */
  readonly home: string;
  readonly store: Store;
  readonly vault: Vault;
  readonly tokens: TokenManager;
  readonly signal: AbortSignal;
  readonly owner: string;
  /** A client for OAuth endpoints. */
  readonly oauth: Send;
  /** A client for the API, as a command would have it but for the change. */
  api(change?: ClientChange): Send;
  /** The levers of the mock: `expire`, `revoke`. */
  control(path: string): Promise<void>;
  call(key: ConnectionKey, request: Pick<ApiRequest, 'method' | 'path'>, change?: Partial<Call>): Call;
  request(row: ConnectionRow, request: ApiRequest): HttpRequest;
}

export interface ClientChange {
  readonly provider?: Provider;
  readonly policy?: Partial<RetryPolicy>;
  readonly timeouts?: Partial<Timeouts>;
  readonly random?: Random;
  readonly share?: number;
  readonly cassette?: Cassette;
  /** Another source of tokens than the token manager. */
  readonly tokens?: BearerSource;
}

/** Builds one, does the work, and takes everything away again. */
export async function withBench<T>(
  subject: Subject,
  signal: AbortSignal,
  how: Pick<Line, 'mock' | 'ownLimits'>,
  work: (bench: Bench) => Promise<T>,
): Promise<T> {
  const home = await mkdtemp(join(subject.place, 'home-'));
  const closers: (() => Promise<void>)[] = [() => rm(home, { recursive: true, force: true })];
  let done: T;
  try {
    done = await work(await openBench(subject, { signal, home, how, onClose: (close) => closers.unshift(close) }));
  } catch (error) {
    // Why the work failed says more than what could not be closed after it.
    await closeAll(closers).catch(() => {});
    throw error;
  }
  await closeAll(closers);
  return done;
}

async function openBench(
  subject: Subject,
  place: {
    readonly signal: AbortSignal;
    readonly home: string;
    readonly how: Pick<Line, 'mock' | 'ownLimits'>;
    readonly onClose: (close: () => Promise<void>) => void;
  },
): Promise<Bench> {
  const { elsewhere, time } = subject;
  const { signal, home, how, onClose } = place;
  const provider = how.ownLimits ? subject.provider : relaxedLimits(subject.provider);
  const clock = idleClock(time.now());
  const mock = subject.mock({ clock, rateLimits: how.ownLimits ?? false, ...how.mock });
  const standIn = await serveStandIn({
    clock,
    time,
    upstream: elsewhere ? handOn(elsewhere, subject) : mock.fetch,
    failing: subject.mock({ clock }),
    isApi: (path, url) => isApi(subject, path, url),
  });
  onClose(standIn.close);
  const endpoints = endpointsAt(subject, standIn.url);
  if (!endpoints) throw new LwiError('UNSUPPORTED', `${provider.title} has no mock.`, { provider: provider.id });
  const store = openSqliteStore(join(home, 'lwi.db'), { now: clock.now });
  onClose(() => store.close());
  const vault = openVault({ keyProvider: environmentKey(generateKey()), store });
  const wire = (timeouts: Timeouts): Send => {
    const opened = transport({ userAgent: 'lwi', timeouts: () => timeouts, now: clock.now });
    onClose(opened.close);
    return (request, call) => clock.busy(() => opened.send(request, call));
  };
  const usual = wire(DEFAULT_TIMEOUTS);
  const owner = 'lwi provider check';
  const trace = subject.trace ?? { verbosity: 0, log: () => {} };
  const parts = { clock, random: systemRandom, store, owner, transport: usual, ...trace };
  const oauth = oauthClient(parts, provider);
  const prepare = prepareRenewal({
    protocolFor: (row) => protocolOf(bench, row, row.variant),
    loginFor: async (row) => loginOf(subject, row.account),
  });
  const tokens = new TokenManager({ store, vault, clock, owner, prepare });
  const bench: Bench = {
    ...{ subject, provider, clock, standIn, endpoints, home, store, vault, tokens, signal, owner, oauth },
    api: ({ provider: changed = provider, tokens: source = tokens, policy, timeouts, ...change } = {}) =>
      apiClient(
        {
          ...{ ...parts, ...change, policy: { ...DEFAULT_RETRY, ...policy } },
          ...(timeouts ? { transport: wire({ ...DEFAULT_TIMEOUTS, ...timeouts }) } : {}),
        },
        changed,
        source,
      ),
    control: async (path) => {
      await mock.fetch(new Request(`http://127.0.0.1/_mock/${path}`, { method: 'POST' }));
    },
    call: ({ account }, { method, path }, change) => ({
      ...{ provider: provider.id, connection: { account, provider: provider.id }, signal },
      limits: provider.limitsFor(method, path),
      ...{ priority: 'interactive', repeatable: true, purpose: 'check' },
      ...change,
    }),
    request: ({ externalId }, request) => apiRequest(provider, endpoints.apiBaseUrl, externalId, request),
  };
  return bench;
}
