import type { GlobalOptions } from '../../src/host.ts';
import { shellWord } from '../../src/shell-word.ts';

/** Options that say where a command works, each by its names. What stands in the environment or the config holds for the next command by itself. */
const OPTIONS = { account: ['--account', '-a'], env: ['--env'], home: ['--home'] } as const;

/**
 * A hint whose commands work where the one that failed did: `lwi connect quickbooks`, after a command line with `--env sandbox`, is about the sandbox
 * too. `given` are the options of the command line alone, as the parser has read them.
 */
export function withGivenOptions(hint: string, given: Partial<Pick<GlobalOptions, keyof typeof OPTIONS>>): string {
  return hint.replace(/`(lwi [^`]*)`/g, (_, command: string) => {
    // Behind `--` a word belongs to another program.
    const [, own = command, foreign = ''] = /^(.*?)( -- .*)$/s.exec(command) ?? [];
    const there = own.split(' ').map((word) => word.split('=', 1)[0]);
    const missing = Object.entries(OPTIONS).flatMap(([option, names]) => {
      const value = given[option as keyof typeof OPTIONS];
      return value === undefined || names.some((name) => there.includes(name))
        ? []
        : [` ${names.at(-1)} ${shellWord(value)}`];
    });
    return `\`${own}${missing.join('')}${foreign}\``;
  });
}
