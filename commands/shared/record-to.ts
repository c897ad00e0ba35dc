import { statSync } from 'node:fs';
import packageJson from '../../package.json' with { type: 'json' };
import type { Context } from '../../src/context.ts';
import { isLwiError } from '../../src/errors.ts';
import { BUILT_IN } from '../../src/providers/registry.ts';
import { LARGEST_REPLAYED } from '../../src/recording/har-reader.ts';
import { openHarWriter } from '../../src/recording/har-writer.ts';
import { type Ask, createRecorder, type Recorder } from '../../src/recording/recorder.ts';
import { createRedactor } from '../../src/recording/redactor.ts';
import type { SyncStore } from '../../src/sync/sync-deps.ts';
import { knowEnvironment, knowSecretsOf } from './known-secrets.ts';
import { type Connected, liveContext, type RecordableContext } from './recordable.ts';

/** After a stop, how long work has to end before the file is completed without it, ms; less than `withStop` waits. */
const LATEST_MS = 1500;

/**
 * Runs a command and writes what it is told into a HAR file, also when it fails or is stopped. The file is opened first: where it cannot be
 * written nothing is sent. Throws what the work throws, and what the writer throws when the work has succeeded.
 */
export async function recordTo(
  context: Context,
  file: string,
  work: (world: RecordableContext) => Promise<number | undefined>,
): Promise<number | undefined> {
  const { clock, signal, terminal } = context;
  const startedAt = clock.now();
  const head = { version: 1, startedAt: new Date(startedAt).toISOString() } as const;
  const writer = openHarWriter(file, { name: packageJson.name, version: packageJson.version }, head);
  const redactor = createRedactor(BUILT_IN.flatMap(({ redact }) => redact));
  const recorder = createRecorder({ writer, redactor, time: clock, startedAt });
  const finish = () => recorder.finish(signal.aborted && isLwiError(signal.reason) ? signal.reason : undefined);
  const ended = new AbortController();
  const onStop = () =>
    void clock
      .sleep(LATEST_MS, ended.signal)
      .then(finish)
      .catch(() => {});
  signal.addEventListener('abort', onStop, { once: true });
  try {
    knowEnvironment(context.host.env);
    const code = await work(recordingContext(context, recorder));
    finish();
    const count = recorder.exchanges();
    terminal.info(`recorded ${count} ${count === 1 ? 'exchange' : 'exchanges'} in ${file}`);
    const { size } = statSync(file);
    if (size > LARGEST_REPLAYED)
      terminal.warn(`${file} is larger than what can be replayed (${LARGEST_REPLAYED} bytes).`);
    return code;
  } catch (error) {
    try {
      finish();
    } catch (failure) {
      // The error of the command is the one to be seen.
      if (failure !== error && isLwiError(failure)) terminal.warn(failure.message);
    }
    throw error;
  } finally {
    signal.removeEventListener('abort', onStop);
    ended.abort();
  }
}

function recordingContext(context: Context, { ask, cassette, clock }: Recorder): RecordableContext {
  const live = liveContext(context);
  return {
    ...live,
    clock,
    provider: async (id) => {
      const provider = await live.provider(id).catch((error) => ask(`provider ${id}`, () => Promise.reject(error)));
      await ask(`provider ${id}`, async () => (await context.config()).providers?.[id] ?? null);
      return provider;
    },
    connection: (id) =>
      ask(`connection ${id}`, async () => {
        const row = await context.connection(id);
        await knowSecretsOf(context, row);
        return plain(row);
      }),
    connections: () =>
      ask('connections', async () => {
        const { account, rows } = await live.connections();
        for (const row of rows) await knowSecretsOf(context, row);
        return { account, rows: rows.map(plain) };
      }),
    baseUrl: (provider, env) => ask(`base URL ${provider.id} ${env}`, () => live.baseUrl(provider, env)),
    usable: (key) => ask(`usable ${key.account}/${key.provider}`, () => live.usable(key)),
    syncStore: async () => recordedStore(await live.syncStore(), ask),
    api: (provider) => context.api(provider, cassette),
    uniqueId: () => ask('unique id', live.uniqueId),
    look: (name, at) => ask(name, () => at(context)),
  };
}

/** The store, with its answers on the tape; they are cursors, ids and counts, never records. */
function recordedStore(store: SyncStore, ask: Ask): SyncStore {
  return {
    cursor: (target, entity) =>
      ask(`cursor ${target.account}/${target.provider} ${entity}`, () => store.cursor(target, entity)),
    commitPage: (page) =>
      ask(`commit ${page.target.account}/${page.target.provider} ${page.entity}`, () => store.commitPage(page)),
    unseen: (target, entity, what) =>
      ask(`unseen ${target.account}/${target.provider} ${entity}`, () => store.unseen(target, entity, what)),
    startRun: (target, start) => ask(`run ${target.account}/${target.provider}`, () => store.startRun(target, start)),
    notePoll: store.notePoll,
    forgetSeen: store.forgetSeen,
    finishRun: store.finishRun,
    holdSync: store.holdSync,
    keepViews: store.keepViews,
  };
}

/** Without ciphertexts. */
function plain({ account, provider, env, externalId, externalName }: Connected): Connected {
  return { account, provider, env, externalId, externalName };
}
