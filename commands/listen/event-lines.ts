import type { NewEvent } from '../../src/store/inbox.ts';
import type { Terminal } from '../../src/terminal.ts';
import { eventLine } from '../shared/forward-lines.ts';
import { iso } from '../shared/when.ts';

/** One line for each event of a commit; `quiet`: people get none for what is new, because something better follows. */
export function tellEvents(
  terminal: Terminal,
  batch: readonly NewEvent[],
  results: readonly ('new' | 'duplicate')[],
  { now, quiet }: { readonly now: number; readonly quiet: boolean },
): void {
  if (terminal.json) {
    const lines = batch.map(({ provider, account, key, type, receivedAt, body }, at) => ({
      ...{ type: results[at] === 'new' ? 'event' : 'duplicate', provider, account, eventId: key, eventType: type },
      ...{ receivedAt: iso(receivedAt), bytes: body.length },
    }));
    return void terminal.documents(lines);
  }
  const { style } = terminal;
  const lines = batch.flatMap((event, at) => {
    const isNew = results[at] === 'new';
    if (isNew && quiet) return [];
    const verdict = isNew ? style.good('received') : style.dim('came before, nothing to do');
    return [eventLine(terminal, event, verdict, now)];
  });
  if (lines.length > 0) terminal.out(...lines);
}
