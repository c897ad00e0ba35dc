import { expect, test } from 'vitest';
import { buildProgram, COMMAND_NAMES, isCommanderError } from '../commands/program.ts';
import { meantLine } from '../commands/shared/meant-line.ts';
import { chosenStreams } from '../commands/shared/sync-once.ts';
import { usageError } from '../commands/shared/usage-error.ts';
import { webhookScheme } from '../commands/shared/webhook-scheme.ts';
import { readSyncOptions } from '../commands/sync/options.ts';
import { systemClock } from '../src/clock.ts';
import { chosenEnvironment } from '../src/connection.ts';
import { isLwiError, type LwiError } from '../src/errors.ts';
import { createMock } from '../src/mock/mock.ts';
import { variantOf } from '../src/oauth/settings.ts';
import { outputOn } from '../src/output.ts';
import { findProvider } from '../src/providers/find.ts';
import { BUILT_IN } from '../src/providers/registry.ts';
import { slack } from '../src/providers/slack/provider.ts';
import { commandTree } from './reference/commands-page.ts';

/** Parses a line with the real tree, and runs nothing. */
async function parse(line: string): Promise<unknown> {
  const words = line.split(' ');
  const output = { ...outputOn(1, () => process.stdout), isTTY: false, columns: undefined };
  const program = buildProgram(() => async () => {}, output, words);
  return program.parseAsync(words, { from: 'user' });
}

async function mistake(work: () => unknown, line = ''): Promise<LwiError> {
  try {
    await work();
  } catch (error) {
    if (isLwiError(error)) return error;
    if (isCommanderError(error)) {
      const typed = {
        program: commandTree(),
        words: line.split(' '),
        known: [...COMMAND_NAMES, ...BUILT_IN.map(({ id }) => id)],
      };
      return usageError(error, COMMAND_NAMES, (path, mistyped) => meantLine(typed, path, mistyped));
    }
    throw error;
  }
  throw new Error('nothing was wrong');
}

test.each([
  ['conect slack', 'Did you mean connect?', 'Run `lwi connect slack`'],
  // `status` is a command too, and only what the line names is built.
  ['kye status', 'Did you mean key?', 'Run `lwi key status`'],
  ['webhook lisen', 'Did you mean listen?', 'Run `lwi webhook listen`'],
  ['token --json refrsh slack', 'Did you mean refresh?', 'Run `lwi token refresh slack`'],
  ['provider chekc slack -q', 'Did you mean check?', 'Run `lwi provider check slack -q`, or see'],
  // Only known names are shown again: any other word may be a secret.
  ['sycn acme --since hunter2 --full', 'Did you mean sync?', 'Run `lwi sync <provider> --since <when> --full`, or'],
  ['secret st slack hunter2 hunter2', 'Did you mean set?', 'Run `lwi secret set slack <name>`, or see'],
  ['staus --env hunter2 --acount=hunter2', 'Did you mean status?', 'Run `lwi status`, or see'],
  ['connect slack --timout 3', 'Did you mean --timeout?', 'Give --timeout, or see `lwi connect --help`.'],
  [
    'webhook listen --forward http://x',
    'Did you mean --forward-to?',
    'Give --forward-to, or see `lwi webhook listen --help`.',
  ],
  ['status --jsn', 'Did you mean --json?', 'Give --json'],
  ['xyzzy', "unknown command 'xyzzy'", 'Run `lwi --help`.'],
  ['connect slack --port', 'argument missing', 'Run `lwi connect --help`.'],
])('lwi %s', async (line, message, hint) => {
  const error = await mistake(() => parse(line), line);
  expect(error.code).toBe('USAGE');
  expect(error.message).toContain(message);
  expect(error.hint.startsWith(hint)).toBe(true);
});

test('a word too many is not repeated: it may be a secret', async () => {
  const error = await mistake(() => parse('secret set slack client-secret planted-secret'));
  expect(error.message + error.hint).not.toContain('planted-secret');
  expect(error.hint).toMatch(/^Run `lwi secret set --help`\. .*on stdin\.$/);
});

const NOWHERE = { authorizationEndpoint: '', tokenEndpoint: '', apiBaseUrl: '' };
const sources = { builtIn: BUILT_IN, config: {} };

test.each<[string, () => unknown, string]>([
  ['provider', () => findProvider('quickboks', sources), 'did you mean quickbooks?'],
  ['environment', () => chosenEnvironment('sandbx'), 'Did you mean sandbox?'],
  ['entity', () => chosenStreams(slack, ['chanels']), 'Did you mean channels?'],
  ['kind of connection', () => variantOf(slack, NOWHERE, 'bto'), 'Did you mean bot?'],
  ['scheme', () => webhookScheme('githb'), 'Did you mean github?'],
  ['provider of the mock', () => createMock({ clock: systemClock, providers: ['slak'] }), 'Did you mean slack?'],
  ['format', () => readSyncOptions({ since: 'last', output: 'jsn' }, { now: 0, json: false }), 'Did you mean json?'],
])('a mistyped %s', async (_, work, message) => {
  const error = await mistake(work);
  expect(error.exitCode).toBe(2);
  expect(error.message).toContain(message);
});

test('nothing is suggested where nothing is near', async () => {
  expect((await mistake(() => chosenEnvironment('elsewhere'))).message).not.toMatch(/did you mean/i);
});
