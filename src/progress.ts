import type { Terminal } from './terminal.ts';

export interface Progress {
  update(text: string): void;
  /** Ends it; with a text, that line stays. */
  stop(text?: string): void;
}

/**
 * Moving progress on a terminal, one line at the end elsewhere. ora is loaded only when there is something to move; it keeps Ctrl-C
 * working because it does not read stdin.
 */
export async function startProgress(terminal: Terminal, text: string): Promise<Progress> {
  if (!terminal.lively) return { update: () => {}, stop: (line) => void (line && terminal.info(line)) };
  const { default: ora } = await import('ora');
  const spinner = ora({ text, discardStdin: false, hideCursor: true }).start();
  return {
    update: (line) => {
      spinner.text = line;
    },
    stop: (line) => {
      spinner.stop();
      if (line) terminal.info(line);
    },
  };
}
