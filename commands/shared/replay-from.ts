import type { Environment } from '../../src/connection.ts';
import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import { findProvider } from '../../src/providers/find.ts';
import { asObject, asText } from '../../src/providers/json-value.ts';
import { BUILT_IN } from '../../src/providers/registry.ts';
import { type Recording, readHar } from '../../src/recording/har-reader.ts';
import { type PlayedTape, playTape } from '../../src/recording/played-tape.ts';
import { createPlayer } from '../../src/recording/player.ts';
import { createRedactor } from '../../src/recording/redactor.ts';
import { steppedClock } from '../../src/recording/stepped-clock.ts';
import type { PageCounts } from '../../src/store/sync-tables.ts';
import { knowEnvironment } from './known-secrets.ts';
import { type Connected, liveContext, type RecordableContext } from './recordable.ts';

/**
 * Runs a command on a HAR file. One that lwi recorded answers every question: no connection, database, key or network is needed, and nothing is
 * changed. One of a browser holds the exchanges alone; connection and store are then the real ones. Throws INPUT_INVALID, NOT_RECORDED.
 */
export async function replayFrom(
  context: Context,
  file: string,
  work: (world: RecordableContext) => Promise<number | undefined>,
): Promise<number | undefined> {
  const { options, random, terminal } = context;
  const recording = readHar(file);
  knowEnvironment(context.host.env);
  const stop = new AbortController();
  const tape = playTape(recording, (reason) => stop.abort(reason));
  const clock = steppedClock(recording.run?.startedAt ?? context.clock.now());
  const redactor = createRedactor(BUILT_IN.flatMap(({ redact }) => redact));
  const player = createPlayer({ recording, tape, redactor, clock });
  const { replayClient } = await import('../../src/http/client.ts');
  const parts = { clock, random, player, verbosity: options.verbosity, log: terminal.trace };
  const world: RecordableContext = {
    ...(recording.run ? playedContext(context, recording, tape) : liveContext(context)),
    ...(recording.run ? { clock } : {}),
    signal: AbortSignal.any([context.signal, stop.signal]),
    api: async (provider) => replayClient(parts, provider),
  };
  return work(world);
}

function playedContext(context: Context, recording: Recording, tape: PlayedTape): RecordableContext {
  const asked = askedFor(context);
  /** A connection that was asked for by name must be the recorded one. */
  const connected = (value: unknown): Connected => {
    const { account = '', provider = '', env, externalId, externalName } = asObject(value) as Partial<Connected>;
    for (const [what, wanted, recorded] of [
      ['account', asked.account, account],
      ['environment', asked.env, env],
    ]) {
      if (!wanted || wanted === recorded) continue;
      throw new LwiError(
        'NOT_RECORDED',
        `${recording.path} was recorded with the ${what} ${recorded}, not with ${wanted}.`,
      );
    }
    return { account, provider, env: env ?? 'production', externalId, externalName };
  };
  return {
    ...liveContext(context),
    provider: async (id) => {
      const definition = tape.answer(`provider ${id}`, `the provider ${id}`);
      if (definition === null) return findProvider(id, { builtIn: BUILT_IN, config: {} });
      const { parseProviderFile } = await import('../../src/config.ts');
      const own = await parseProviderFile(`${recording.path}: the definition of ${id}`, definition);
      return findProvider(id, { builtIn: BUILT_IN, config: { providers: { [id]: own } } });
    },
    connection: async (id) => connected(tape.answer(`connection ${id}`, `the connection to ${id}`)),
    connections: async () => {
      const { account, rows } = asObject(tape.answer('connections', 'a list of connections: name the provider'));
      return { account: asText(account) ?? '', rows: Array.isArray(rows) ? rows.map(connected) : [] };
    },
    baseUrl: async (provider, env) => asText(tape.answer(`base URL ${provider.id} ${env}`)) ?? '',
    usable: async (key) => void tape.answer(`usable ${key.account}/${key.provider}`),
    syncStore: async () => ({
      cursor: async ({ account, provider }, entity) =>
        tape.answer(`cursor ${account}/${provider} ${entity}`, `the ${entity} of ${provider}`) as never,
      commitPage: async ({ target, entity }) =>
        tape.answer(`commit ${target.account}/${target.provider} ${entity}`) as PageCounts,
      startRun: async ({ account, provider }) => Number(tape.answer(`run ${account}/${provider}`)),
      unseen: async ({ account, provider }, entity) =>
        tape.answer(`unseen ${account}/${provider} ${entity}`) as readonly string[],
      notePoll: async () => {},
      forgetSeen: async () => undefined,
      finishRun: async () => {},
      keepViews: async () => undefined,
      holdSync: async () => ({ release: async () => {} }),
    }),
    uniqueId: async () => String(tape.answer('unique id')),
    look: async (name) => tape.answer(name) as never,
  };
}

/** What flag or variable name; the config of this machine has no say in a replay. */
function askedFor({ options, host }: Context): { account: string | undefined; env: Environment | string | undefined } {
  return {
    account: options.account ?? (host.env['LWI_ACCOUNT'] || undefined),
    env: options.env ?? (host.env['LWI_ENV'] || undefined),
  };
}
