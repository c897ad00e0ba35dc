import { connectionName } from '../../src/connection.ts';
import { printable } from '../../src/printable.ts';
import { formatSpan } from '../../src/span.ts';
import type { Forward, ForwardEnd } from '../../src/store/forwards.ts';
import type { Terminal } from '../../src/terminal.ts';
import { iso, lineTime } from './when.ts';

/** One attempt, for people (who are told where it went when there are `several` targets) or as a line of JSON on stdout. */
export function tellAttempt(
  terminal: Terminal,
  event: Forward,
  end: ForwardEnd,
  { now, several }: { readonly now: number; readonly several: boolean },
): void {
  const { provider, account, key, type, attempt, target } = event;
  const { state, status, tookMs, error } = end;
  const dueAt = end.state === 'received' ? end.dueAt : undefined;
  if (terminal.json) {
    return void terminal.document({
      ...{ type: 'delivery', provider, account, eventId: key, eventType: type, target, attempt, state, status, tookMs },
      ...{ error, nextAt: iso(dueAt) },
    });
  }
  const { style } = terminal;
  const verdict =
    state === 'delivered'
      ? style.good(`delivered, ${status} in ${formatSpan(tookMs)}`)
      : state === 'failed'
        ? style.bad(`failed, ${error}`)
        : style.warn(`attempt ${attempt}: ${error}; again in ${formatSpan(Math.max(0, (dueAt ?? now) - now))}`);
  terminal.out(eventLine(terminal, event, several ? `${verdict} (${target})` : verdict, now));
}

/** The one line of an event: time, provider and account, kind, id, and what became of it. */
export function eventLine(
  { style }: Pick<Terminal, 'style'>,
  event: Pick<Forward, 'provider' | 'account' | 'type' | 'key'>,
  verdict: string,
  now: number,
): string {
  const whose = event.account === '' ? event.provider : connectionName(event);
  const id = event.key.length > 20 ? `${event.key.slice(0, 12)}…` : event.key;
  return `${style.dim(lineTime(now))} ${whose} ${printable(event.type)} ${style.dim(printable(id))} ${verdict}`;
}

export function tellTarget(terminal: Terminal, target: string, state: 'down' | 'up', pauseMs: number): void {
  if (terminal.json) return void terminal.document({ type: 'target', target, state });
  if (state === 'up') terminal.info(`${target} answers again`);
  else terminal.warn(`${target} does not answer; events wait in the inbox, the next try is in ${formatSpan(pauseMs)}.`);
}

export function tellHeld(terminal: Terminal, target: string): void {
  if (terminal.json) terminal.document({ type: 'target', target, state: 'held' });
  else terminal.info(`Another process is sending to ${target}; this one stores, and takes over when that one ends.`);
}
