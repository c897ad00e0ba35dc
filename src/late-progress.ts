import type { Clock } from './clock.ts';
import { type Progress, startProgress } from './progress.ts';
import type { Terminal } from './terminal.ts';

/** Moving progress that only those see who have to wait. */
export interface LateProgress {
  /** What to show; shown at once when the wait is long already. */
  update(text: string): void;
  /** Takes it off the screen, so that something else can be written there once this resolves. */
  hide(): Promise<void>;
  /** The same for good. */
  stop(): Promise<void>;
}

/** Whoever waits longer than this is shown why, ms. */
const NOTICED_MS = 1000;

/** Progress on stderr that appears a second after it began. Does nothing where stderr is no terminal. `start` shows it. */
export function lateProgress(
  terminal: Terminal,
  clock: Pick<Clock, 'sleep'>,
  start: typeof startProgress = startProgress,
): LateProgress {
  if (!terminal.lively) return { update: () => {}, hide: async () => {}, stop: async () => {} };
  const ended = new AbortController();
  let text = '';
  let late = false;
  let shown: Promise<Progress> | undefined;
  const show = () => {
    shown ??= start(terminal, text);
    const now = text;
    void shown.then((progress) => progress.update(now));
  };
  const hide = async () => {
    const before = shown;
    shown = undefined;
    text = '';
    (await before)?.stop();
  };
  const appear = () => {
    late = true;
    if (text !== '') show();
  };
  clock.sleep(NOTICED_MS, ended.signal).then(appear, () => {});
  return {
    update(next) {
      text = next;
      if (late) show();
    },
    hide,
    stop() {
      ended.abort();
      late = false;
      return hide();
    },
  };
}
