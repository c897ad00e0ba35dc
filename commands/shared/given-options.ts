/** Options that say where a command works, each by its names. What stands in the environment or the config holds for the next command by itself. */
const OPTIONS = [['--account', '-a'], ['--env'], ['--home']] as const;

/**
 * A hint whose commands work where the one that failed did: `lwi connect quickbooks`, after a command line with `--env sandbox`, is about the sandbox
 * too. `words` are the command line, without what belongs to somebody else.
 */
export function withGivenOptions(hint: string, words: readonly string[]): string {
  const given = OPTIONS.flatMap((names) => {
    const value = givenValue(words, names);
    return value === undefined ? [] : [{ names, text: ` ${names.at(-1)} ${quoted(value)}` }];
  });
  if (given.length === 0) return hint;
  return hint.replace(/`(lwi [^`]*)`/g, (_, command: string) => {
    const there = command.split(' ');
    const missing = given.filter(({ names }) => !names.some((name) => there.includes(name)));
    return `\`${command}${missing.map(({ text }) => text).join('')}\``;
  });
}

/** The last one counts, as for the parser. */
function givenValue(words: readonly string[], names: readonly string[]): string | undefined {
  let value: string | undefined;
  for (const [index, word] of words.entries()) {
    if (names.includes(word)) value = words[index + 1];
    else if (word.startsWith('--') && names.includes(word.split('=', 1)[0] ?? ''))
      value = word.slice(word.indexOf('=') + 1);
  }
  return value;
}

/** A word that a shell gives on as it is. */
function quoted(word: string): string {
  return /^[\w.,:/@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
