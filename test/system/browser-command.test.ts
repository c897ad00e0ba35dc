import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { platform } from 'node:process';
import { beforeEach, describe, expect, test } from 'vitest';
import { approve } from '../../src/mock/approve.ts';
import { ADDRESS_TO_APPROVE } from '../support/address-to-approve.ts';
import { freePort } from '../support/free-port.ts';
import { documentOf, openScenario, type Scenario, visit } from '../support/scenario.ts';

beforeEach(({ skip }) => skip(platform === 'win32', 'shell scripts stand for browsers'));

/** A program that hands its arguments to the test, one a line; and what it was given. */
function program(lwi: Scenario, name: string): { path: string; given(): Promise<string[]> } {
  const pipe = join(lwi.cwd, `${name}.pipe`);
  execFileSync('mkfifo', [pipe]);
  const path = lwi.write(name, `#!/bin/sh\nprintf '%s\\n' "$@" >'${pipe}'\n`);
  chmodSync(path, 0o700);
  return { path, given: async () => (await readFile(pipe, 'utf8')).trimEnd().split('\n') };
}

async function connecting(lwi: Scenario, env: Record<string, string | undefined>, words: readonly string[] = []) {
  const port = String(await freePort());
  const running = lwi.start(['connect', 'quickbooks', '--port', port, '--json', ...words], { env });
  const [, address = ''] = await running.said(ADDRESS_TO_APPROVE);
  return { ...running, address };
}

describe('the browser that connect opens', () => {
  test.each([
    ['gets the address last', (path: string) => path, (address: string) => [address]],
    [
      'gets the address where %s stands',
      (path: string) => `${path} --app=%s -n`,
      (address: string) => [`--app=${address}`, '-n'],
    ],
    [
      'is the first one of several that starts',
      (path: string) => `/nowhere/browser:false:${path} -n`,
      (address: string) => ['-n', address],
    ],
  ])('is the command in BROWSER: it %s', async (_, browser, expected) => {
    const lwi = await openScenario();
    const { path, given } = program(lwi, 'browser');
    const running = await connecting(lwi, { BROWSER: browser(path) });
    expect(await given()).toEqual(expected(running.address));
    await visit(await approve(running.address));
    expect(documentOf(await running.ended)).toMatchObject({ provider: 'quickbooks' });
  });

  test('is the one in BROWSER also over SSH, where an editor may open it at the other end', async () => {
    const lwi = await openScenario();
    const { path, given } = program(lwi, 'browser');
    const running = await connecting(lwi, { BROWSER: path, SSH_CONNECTION: '192.0.2.1 1 192.0.2.2 22' });
    expect(await given()).toEqual([running.address]);
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(143);
  });

  test("is the desktop's own without BROWSER", async () => {
    const lwi = await openScenario();
    const { path, given } = program(lwi, 'xdg-open');
    const running = await connecting(lwi, { DISPLAY: ':99', PATH: `${join(path, '..')}:${lwi.env['PATH']}` });
    expect(await given()).toEqual([running.address]);
    running.child.kill('SIGTERM');
    await running.ended;
  });

  test.each([
    ['BROWSER names nothing that starts', { BROWSER: '/nowhere/browser' }, undefined],
    ['the browser ends with an error', { BROWSER: 'false' }, undefined],
    ['the desktop has none', { DISPLAY: ':99' }, '#!/bin/sh\nexit 3\n'],
  ])('is missed aloud when %s, and the wait goes on', async (_, env, xdgOpen) => {
    const lwi = await openScenario();
    if (xdgOpen) chmodSync(lwi.write('xdg-open', xdgOpen), 0o700);
    const running = await connecting(lwi, { ...env, PATH: `${lwi.cwd}:${lwi.env['PATH']}` });
    await running.said(/^No browser could be started here\.$/m);
    await visit(await approve(running.address));
    expect((await running.ended).code).toBe(0);
  });

  test('is left alone with --no-browser, and over SSH or without a display', async () => {
    const lwi = await openScenario();
    chmodSync(lwi.write('xdg-open', `#!/bin/sh\ntouch '${join(lwi.cwd, 'opened')}'\n`), 0o700);
    const PATH = `${lwi.cwd}:${lwi.env['PATH']}`;
    for (const [env, words] of [
      [{ PATH, DISPLAY: ':99', BROWSER: join(lwi.cwd, 'xdg-open') }, ['--no-browser']],
      [{ PATH, DISPLAY: ':99', SSH_TTY: '/dev/pts/0' }, []],
      [{ PATH }, []],
    ] as const) {
      const running = await connecting(lwi, env, words);
      await visit(await approve(running.address));
      expect((await running.ended).code).toBe(0);
    }
    await expect(readFile(join(lwi.cwd, 'opened'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
