import type { Clock, Random } from '../clock.ts';
import type { Provider } from '../providers/provider.ts';
import { Secret } from '../secret.ts';
import type { Store } from '../store/store.ts';
import { authorize, type BearerSource } from './authorize.ts';
import { circuitBreaker } from './circuit-breaker.ts';
import { classify } from './classify.ts';
import { type Ending, resolveConflicts } from './conflict.ts';
import type { Send } from './http.ts';
import { rateLimit } from './rate-limit.ts';
import { DEFAULT_RETRY, type RetryBudget, type RetryPolicy, retry } from './retry.ts';
import { trace } from './trace.ts';

export interface ClientParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: Store;
  readonly transport: Send;
  /** Names this process, so that what it leaves in flight when it is killed can be told. */
  readonly owner?: string;
  /** How calls are repeated; absent: the defaults. */
  readonly policy?: RetryPolicy;
  /** What the run may spend on repeats; absent: each client has its own. */
  readonly budget?: RetryBudget;
  /** Which part of the provider's limits is ours; absent: all. */
  readonly share?: number;
  readonly verbosity: number;
  /** Takes what a person should know while waiting. */
  readonly note?: (line: string) => void;
  /** Takes one line of the trace. */
  readonly log: (line: string) => void;
  /** Writes down what happens, where somebody asked for it. */
  readonly cassette?: Cassette;
}

/** A layer around whole calls and one next to the wire, and the clock of what they write down, ms since the epoch. */
export interface Cassette {
  readonly call: (next: Send) => Send;
  readonly exchange: (next: Send) => Send;
  readonly now: () => number;
}

/**
 * The onion for one provider, outermost first. Conflicts outside all, because what is fetched and sent again then are calls of their own.
 * Retry next, so that each attempt gets its token and permit anew; the breaker outside the limiter, so that an open circuit spends no permit;
 * the limiter next to the wire, so that every physical request is counted.
 */
export function apiClient(parts: ClientParts, provider: Provider, tokens: BearerSource): Send {
  const verbose = parts.verbosity > 0 ? parts.log : undefined;
  const { cassette } = parts;
  return layered(parts.transport, [
    resolveConflicts(provider, endingOf(parts)),
    ...(cassette ? [cassette.call] : []),
    retry(parts),
    authorize(tokens),
    circuitBreaker({ store: parts.store, now: () => parts.clock.now() }),
    rateLimit({ ...parts, provider, log: verbose }),
    classify(provider, cassette?.now ?? (() => parts.clock.now())),
    trace({ clock: parts.clock, provider, verbosity: parts.verbosity, write: parts.log }),
    ...(cassette ? [cassette.exchange] : []),
  ]);
}

/** What answers in the place of a provider, from a recording. */
export interface Player {
  /** The innermost: the recorded answer to a request. */
  readonly answer: Send;
  /** The outermost: a call as it went, by `seen`; one of which only the exchanges are known goes through `anew`. */
  call(seen: Send, anew: Send): Send;
}

/**
 * The onion of a replay: answers are read and traced as ever, but nothing is sent, waited for, counted or stored, and no token is needed. `clock`
 * sleeps without taking time.
 */
export function replayClient(
  parts: Pick<ClientParts, 'clock' | 'random' | 'verbosity' | 'log'> & { readonly player: Player },
  provider: Provider,
): Send {
  const { clock, player, verbosity, log } = parts;
  const seen = layered(player.answer, [
    classify(provider, () => clock.now()),
    trace({ clock, provider, verbosity, write: log }),
  ]);
  const anew = layered(seen, [retry({ clock, random: parts.random }), authorize(PLACEHOLDER)]);
  return resolveConflicts(provider, endingOf({ clock }))(player.call(seen, anew));
}

/** Tokens of a replay: a recorded 401 is followed by the recorded repeat. */
const PLACEHOLDER: BearerSource = {
  bearer: async () => ({ token: new Secret('replay'), generation: 1 }),
  renewedBearer: async () => ({ token: new Secret('replay'), generation: 2 }),
  ended: async () => {},
};

/** The same without tokens and permits, for the OAuth endpoints of a provider. */
export function oauthClient(parts: ClientParts, provider: Provider): Send {
  return layered(parts.transport, [
    retry(parts),
    circuitBreaker({ store: parts.store, now: () => parts.clock.now() }),
    classify(provider, () => parts.clock.now()),
    trace({ clock: parts.clock, provider, verbosity: parts.verbosity, write: parts.log }),
  ]);
}

function endingOf({ clock, policy = DEFAULT_RETRY }: Pick<ClientParts, 'clock' | 'policy'>): Ending {
  return { now: () => clock.now(), deadlineMs: policy.deadlineMs };
}

/** Layers around a wire; the first one sees the request first. */
export function layered(wire: Send, layers: readonly ((next: Send) => Send)[]): Send {
  return layers.reduceRight((next, layer) => layer(next), wire);
}
