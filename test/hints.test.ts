import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { withGivenOptions } from '../commands/shared/given-options.ts';
import { LwiError } from '../src/errors.ts';
import { problemWith } from './reference/command-lines.ts';
import { commandTree } from './reference/commands-page.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Texts of a source: strings, and template literals, in which a backquote that is shown has a backslash. Comments are none. */
function commandsIn(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const strings = [...code.matchAll(/'[^'\n]*'|"[^"\n]*"/g)].flatMap(([text]) => [
    ...text.matchAll(/`(lwi [a-z][^`]*)`/g),
  ]);
  return [...strings, ...code.matchAll(/\\`(lwi [a-z][^`\\]*)\\`/g)].map(([, command = '']) => command);
}

/** Every command between backquotes that the sources show to a person; what is filled in stands as `<x>`. */
const SHOWN = ['src', 'commands'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) =>
      commandsIn(readFileSync(join(ROOT, folder, name), 'utf8')).map((command) => ({
        file: `${folder}/${name}`,
        // An account is given as ` -a <account>` or not at all.
        command: command.replace(/\$\{accountOption[^}]*\}/g, ' -a <x>').replace(/(?:\$?\{[^}]*\})+/g, '<x>'),
      })),
    ),
);

describe('commands that lwi names', () => {
  it('are many', () => expect(SHOWN.length).toBeGreaterThan(40));

  it('exist, with their options', () => {
    const tree = commandTree();
    const wrong = SHOWN.map((shown) => ({ ...shown, problem: problemWith(tree, shown.command) }));
    expect(wrong.filter(({ problem }) => problem !== undefined)).toEqual([]);
  });
});

/** The global options of a command line, as the parser reads them. */
function givenBy(words: readonly string[]) {
  const program = commandTree();
  program.parseOptions([...words]);
  return program.opts();
}

describe('a hint', () => {
  const HINT = 'Run `lwi connect slack`, or `chmod 600 key`.';

  it.each([
    [['token', 'get', 'slack'], HINT],
    [['token', '--env', 'sandbox', 'get', 'slack'], 'Run `lwi connect slack --env sandbox`, or `chmod 600 key`.'],
    [['--account=north', 'status'], 'Run `lwi connect slack -a north`, or `chmod 600 key`.'],
    [['status', '-a', 'north', '-a', 'south'], 'Run `lwi connect slack -a south`, or `chmod 600 key`.'],
    [['status', '--home', "/a b/it's"], "Run `lwi connect slack --home '/a b/it'\\''s'`, or `chmod 600 key`."],
    [['status', '-anorth', '-qasouth'], 'Run `lwi connect slack -a south`, or `chmod 600 key`.'],
    [['exec', 'slack', '--', 'tool', '--env', 'mock', '-a', 'x'], HINT],
    [['sync', '--no-such-option', '--env=mock'], 'Run `lwi connect slack --env mock`, or `chmod 600 key`.'],
  ])('after %j is about the same place', (words, expected) => {
    expect(withGivenOptions(HINT, givenBy(words))).toBe(expected);
  });

  it.each([
    ['Run `lwi connect slack -a north`.', 'Run `lwi connect slack -a north --env mock`.'],
    ['Run `lwi connect slack --env=sandbox`.', 'Run `lwi connect slack --env=sandbox -a south`.'],
    ['Run `lwi exec slack -- tool -a 1`.', 'Run `lwi exec slack -a south --env mock -- tool -a 1`.'],
  ])('%s keeps what it names, and leaves alone what belongs to another program', (hint, expected) => {
    expect(withGivenOptions(hint, givenBy(['-a', 'south', '--env', 'mock']))).toBe(expected);
  });

  it('changes nothing else of an error', () => {
    const error = new LwiError('FORBIDDEN', 'no', { provider: 'slack', statusCode: 403, retryable: true });
    const { hint: _, ...rest } = error.toJSON();
    const other = error.withHint('Another one.');
    expect(other.toJSON()).toEqual({ ...rest, hint: 'Another one.' });
    expect(other.stack).toBe(error.stack);
  });
});
