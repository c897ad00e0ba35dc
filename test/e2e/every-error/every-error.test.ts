import { describe, expect, test } from 'vitest';
import { ERROR_KINDS, type ErrorCode } from '../../../src/errors.ts';
import { approve } from '../../../src/mock/approve.ts';
import { problemWith } from '../../reference/command-lines.ts';
import { commandTree } from '../../reference/commands-page.ts';
import { ADDRESS_TO_APPROVE } from '../../support/address-to-approve.ts';
import type { Ran } from '../../support/lwi.ts';
import { POSTGRES } from '../../support/postgres.ts';
import { NO_POSTGRES } from '../../support/postgres-server.ts';
import { inThisProcess, visit } from '../../support/scenario.ts';
import { OF_THE_FILE, ON_POSTGRES } from '../../support/store-place.ts';
import { AUTH_ERRORS } from './auth-errors.ts';
import { type Line, meet, type Provocation, type Trouble } from './provocation.ts';
import { REFUSED_ERRORS } from './refused-errors.ts';
import { SERVER_ERRORS } from './server-errors.ts';
import { STOPPED_ERRORS } from './stopped-errors.ts';
import { STORAGE_ERRORS } from './storage-errors.ts';
import { UNAVAILABLE_ERRORS } from './unavailable-errors.ts';
import { USAGE_ERRORS } from './usage-errors.ts';

/** A code without an entry does not compile. */
const PROVOCATIONS: Readonly<Record<ErrorCode, Provocation>> = {
  ...{
    ...USAGE_ERRORS,
    ...AUTH_ERRORS,
    ...REFUSED_ERRORS,
    ...UNAVAILABLE_ERRORS,
    ...STORAGE_ERRORS,
    ...SERVER_ERRORS,
    ...STOPPED_ERRORS,
  },
};

/** A server of one's own is needed to bring them about. */
const NEEDS_POSTGRES = Object.keys(SERVER_ERRORS);

/** Only a file gets into such trouble. */
const NEEDS_FILE = ['STORE_LOCKED', 'STORE_DAMAGED', 'STORE_READONLY', 'STORE_UNFINISHED', 'STORE_UNSAFE'];

/** The commands of a hint that can be run as they stand: those in which nothing is left open. */
const commandsIn = (hint: string) =>
  [...hint.matchAll(/`(lwi [^`]*)`/g)].flatMap(([, command = '']) => (command.includes('<') ? [] : [command]));

/** Runs a command of a hint as a person does who copies it, and who approves in the browser when it wants one. */
async function follow({ lwi, told }: Trouble, command: string, { env }: Partial<Line>): Promise<void> {
  const shell = command.replace(/^lwi/, '$LWI');
  const running = lwi.start([], { shell, env, stdin: told });
  const page = running.said(ADDRESS_TO_APPROVE).then(async ([, address = '']) => visit(await approve(address)));
  page.catch(() => {});
  const { code, stderr } = await running.ended;
  expect({ command, code, stderr: code === 0 ? '' : stderr }).toEqual({ command, code: 0, stderr: '' });
}

/** Runs the command again: here where it can be, for that the error ends a process with its code has been seen. */
function runAgain({ lwi }: Trouble, { words, env, stdin, shell }: Line): Promise<Ran> {
  // What is for Node itself needs a Node that starts with it.
  const own = shell !== undefined || Object.keys(env ?? {}).some((name) => name.startsWith('NODE_'));
  return own ? lwi.run(words, { env, stdin, shell }) : inThisProcess(lwi).run(words, { env, stdin });
}

describe('every error can be provoked, and its remedy works', () => {
  test.for(Object.entries(PROVOCATIONS))('%s', async ([code, provocation], { skip }) => {
    if (POSTGRES === undefined && NEEDS_POSTGRES.includes(code)) skip(NO_POSTGRES);
    if (ON_POSTGRES && NEEDS_FILE.includes(code)) skip(OF_THE_FILE);
    const { exit, retryable } = ERROR_KINDS[code as ErrorCode];
    if ('result' in provocation) {
      const { lwi, words, env } = await provocation.result();
      const ran = await lwi.run([...words, '--json'], { env });
      expect(ran).toEqual({ code: exit, stdout: expect.stringMatching(/^\{/), stderr: '' });
      return;
    }
    const trouble = await provocation();
    const { exit: met, error } = await meet(trouble);
    expect({ exit: met, ...error }).toMatchObject({ exit, code, retryable });
    const hint = String(error['hint']);
    expect(hint).toMatch(trouble.hint);
    const { words, env, stdin, shell } = trouble;
    const line: Line = { words, env, stdin, shell, ...(await trouble.changed?.(hint)) };
    await trouble.heal?.();
    for (const command of commandsIn(hint)) {
      expect({ command, problem: problemWith(commandTree(), command) }).toEqual({ command, problem: undefined });
      await follow(trouble, command, line);
    }
    const again: Ran = await (trouble.again?.(line) ?? runAgain(trouble, line));
    expect({ code: again.code, stderr: again.code === 0 ? '' : again.stderr }).toEqual({ code: 0, stderr: '' });
  });
});
