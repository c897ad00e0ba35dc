import type { Running } from './lwi.ts';
import type { Scenario } from './scenario.ts';

/** A command on a terminal of its own. */
export interface OnTerminal {
  /** Waits until the screen shows `pattern`, then types `keys`. */
  answer(pattern: RegExp, keys: string): Promise<void>;
  /** Exit code, and all that was on the screen, without colours and moves of the cursor. */
  end(): Promise<{ readonly code: number | null; readonly screen: string }>;
}

/** Starts lwi on a pseudo-terminal, which script(1) of util-linux makes. */
export function onTerminal(lwi: Scenario, words: readonly string[], env: Record<string, string> = {}): OnTerminal {
  const line = `stty cols 80 rows 24; exec $LWI ${words.map((word) => `'${word}'`).join(' ')}`;
  const running: Running = lwi.start([], {
    ...{ shell: `exec script -qec "${line}" /dev/null`, stdin: 'open' },
    env: { TERM: 'xterm', ...env },
  });
  return {
    answer: async (pattern, keys) => {
      await running.said(pattern);
      running.child.stdin?.write(keys);
    },
    end: async () => {
      const { code, stdout } = await running.ended;
      return { code, screen: plain(stdout) };
    },
  };
}

const ESCAPE = String.fromCharCode(27);

function plain(text: string): string {
  return text.replace(new RegExp(`${ESCAPE}\\[[0-9;?]*[A-Za-z]`, 'g'), '').replaceAll('\r', '');
}
