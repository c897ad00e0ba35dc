import type { Context } from '../../src/context.ts';
import { startProgress } from '../../src/progress.ts';
import type { CopyObserver } from '../../src/store/copy/copy-store.ts';
import { stateOf } from '../sync/progress.ts';

/** A moving line on a terminal, with the table, its rows, their rate and the time left; elsewhere nothing. */
export async function copyProgress({
  terminal,
  clock,
}: Context): Promise<{ readonly observe: CopyObserver; readonly stop: () => void }> {
  const line = await startProgress(terminal, 'opening both databases');
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
      line.update(`${name}${stateOf({ seen: done, total }, { elapsedMs: clock.now() - began }, room)}`);
    },
    stop: () => line.stop(),
  };
}
