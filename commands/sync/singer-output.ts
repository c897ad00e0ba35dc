import { singerStream } from '../../src/sync/singer-stream.ts';
import type { RecordableContext } from '../shared/recordable.ts';
import type { SyncWish } from './options.ts';
import { type RecordOutput, writeLines } from './record-output.ts';
import { readSingerState } from './singer-state.ts';

/**
 * A sync as a Singer tap: SCHEMA before the first RECORD of a stream and whenever a record brings something new, STATE after the window that it covers.
 * Source: singer-io/getting-started `docs/SPEC.md`.
 */
export async function singerOutput(context: RecordableContext, { state }: SyncWish): Promise<RecordOutput> {
  const { clock } = context;
  const bookmarks = state === undefined ? undefined : await readSingerState(context, state);
  const reached = new Map(bookmarks);
  const write = (messages: readonly object[]) =>
    writeLines(
      context,
      messages.map((message) => JSON.stringify(message)),
    );
  const writeState = () => {
    const value = Object.fromEntries(
      [...reached].map(([stream, at]) => [
        stream,
        { replication_key: '_lwi_updated_at', replication_key_value: iso(at) },
      ]),
    );
    write([{ type: 'STATE', value: { bookmarks: value } }]);
  };
  return {
    async of({ provider: id }) {
      const { streams: all } = await context.provider(id);
      const names = new Map(all.map(({ name }) => [name, `${id}_${name}`.replaceAll('-', '_')]));
      const streams = new Map(all.map(({ name }) => [name, singerStream(names.get(name) ?? name)]));
      const own = all.flatMap(({ name }): [string, number][] => {
        const at = bookmarks?.get(names.get(name) ?? name);
        return at === undefined ? [] : [[name, at]];
      });
      return {
        bookmarks: bookmarks && new Map(own),
        observer: {
          begun: (entity) => write(streams.get(entity)?.begin() ?? []),
          records: (entity, records) => write(streams.get(entity)?.messages(records, clock.now()) ?? []),
          reached: (entity, watermark) => {
            reached.set(names.get(entity) ?? entity, watermark);
            writeState();
          },
        },
      };
    },
    end: writeState,
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();
