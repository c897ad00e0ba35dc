import { LwiError } from '../../src/errors.ts';
import { nearestName } from '../../src/providers/nearest-name.ts';

/** What a parser says of a mistake on the command line. */
export interface ParserComplaint {
  /** `commander.unknownCommand` and the like. */
  readonly code: string;
  readonly message: string;
  /** The command that found it: `lwi webhook`. */
  readonly of?: string;
}

/**
 * A mistake on the command line with the command to run instead, where it can be told what was meant. `names` are those of all commands: of which the parser knew
 * only the ones that the line names. `lineOf` gives the whole line with the right command in the place of the mistyped one.
 */
export function usageError(
  { code, message, of = 'lwi' }: ParserComplaint,
  names: readonly string[],
  lineOf: (path: readonly string[], mistyped: string) => string,
): LwiError {
  const said = message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
  const help = `Run \`${of} --help\`.`;
  // The words are not repeated: one too many is often a secret, and this line may stand in a log.
  if (code === 'commander.excessArguments') {
    const hint = `${help} Secrets are never taken from the command line: give them on stdin.`;
    return new LwiError('USAGE', said.replace(/(but got \d+).*$/, '$1.'), { hint });
  }
  const meant = /\(Did you mean (\S+)\?\)$/.exec(said)?.[1];
  if (code === 'commander.unknownOption') {
    return new LwiError('USAGE', said, { hint: meant ? `Give ${meant}, or see \`${of} --help\`.` : help });
  }
  if (code !== 'commander.unknownCommand') return new LwiError('USAGE', said, { hint: help });
  const word = /'([^']*)'/.exec(said)?.[1];
  const near = meant ?? (of === 'lwi' && word !== undefined ? nearestName(word, names) : undefined);
  if (near === undefined) return new LwiError('USAGE', said, { hint: help });
  const line = lineOf([...of.split(' ').slice(1), near], word ?? '');
  return new LwiError('USAGE', meant ? said : `${said} (Did you mean ${near}?)`, {
    hint: `Run \`${line}\`, or see \`${of} --help\`.`,
  });
}
