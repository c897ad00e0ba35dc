import type { Context } from '../../src/context.ts';
import { type Progress, startProgress } from '../../src/progress.ts';
import type { CopyObserver } from '../../src/store/copy/copy-store.ts';
import { stateOf } from '../sync/progress.ts';

export interface CopyProgress {
  readonly observe: CopyObserver;
  /** Others have the database at `place`, and are waited for. */
  waiting(place: string): void;
  /** Takes it off the screen. A second call does nothing. */
  stop(): Promise<void>;
}

/** A moving line on a terminal, with the table, its rows, their rate and the time left, or whom it waits for; elsewhere nothing. */
export function copyProgress({ terminal, clock }: Context): CopyProgress {
  let line: Promise<Progress> | undefined;
  const show = (text: string) => {
    line ??= startProgress(terminal, text);
    void line.then((progress) => progress.update(text));
  };
  let at = '';
  let began = clock.now();
  return {
    observe: ({ doing, table, done, total }) => {
      const name = `${doing} ${table}  `;
      if (name !== at) {
        at = name;
        began = clock.now();
      }
      // The spinner and a blank stand before it.
      const room = terminal.width - name.length - 3;
      show(`${name}${stateOf({ seen: done, total }, { elapsedMs: clock.now() - began }, room)}`);
    },
    waiting: (place) => show(`waiting for ${place} to be free`),
    stop: async () => {
      const shown = line;
      line = undefined;
      (await shown)?.stop();
    },
  };
}
