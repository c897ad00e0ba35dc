import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openScenario } from '../support/scenario.ts';
import { changeStore } from '../support/store-file.ts';

const BUILT_IN = ['quickbooks', 'slack', 'mycarrierpackets'];
/** Chunks of the bundle with what a Tab must not wait for. */
const HEAVY = /^(transport|client|dist|mjs|keychain|prompt)-|keytar/;

test('a Tab reads the home that the line names, makes and loads nothing, and never fails aloud', async () => {
  const lwi = await openScenario();
  const told = lwi.write(
    'told.cjs',
    `process.on('exit', () => {
    const loaded = Object.keys(require.cache).map((file) => require('node:path').basename(file));
    require('node:fs').writeFileSync('loaded.json', JSON.stringify(loaded));
  });`,
  );
  const complete = async (words: readonly string[], env: Record<string, string> = {}) => {
    const ran = await lwi.run(['complete', '--', ...words], { env: { LWI_ENCRYPTION_KEY: '', ...env } });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    const lines = ran.stdout.trimEnd().split('\n');
    expect(lines.at(-1)).toMatch(/^:\d+$/);
    return lines.slice(0, -1).map((line) => line.split('\t')[0]);
  };
  expect(await complete(['token', 'get', ''])).toEqual(BUILT_IN);
  expect(existsSync(lwi.home)).toBe(false);

  await lwi.json(['connect', 'mycarrierpackets', '-a', 'north']);
  expect(await complete(['status', '-a', ''], { NODE_OPTIONS: `--require=${told}` })).toEqual(['north']);
  const { default: loaded } = await import(join(lwi.cwd, 'loaded.json'), { with: { type: 'json' } });
  expect((loaded as string[]).filter((name) => HEAVY.test(name))).toEqual([]);
  expect(loaded).toContain('lwi.cjs');
  expect((await complete(['sync', '']))[0]).toBe('mycarrierpackets');
  expect(await complete(['-a', 'south', 'sync', ''])).toEqual(BUILT_IN);
  expect(await complete(['--home', join(lwi.cwd, 'other'), 'status', '-a', ''])).toEqual([]);

  lwi.config('{');
  expect(await complete(['status', '-a', ''])).toEqual([]);
  lwi.config({});
  changeStore(lwi.home, 'DROP TABLE oauth_tokens');
  expect(await complete(['token', 'get', ''])).toEqual(BUILT_IN);
  writeFileSync(join(lwi.home, 'lwi.db'), 'no database');
  expect(await complete(['token', 'get', ''])).toEqual(BUILT_IN);
});

test('an account that cannot be read costs its own words and no others', async () => {
  const lwi = await openScenario();
  const ran = await lwi.runHere(['complete', '--', 'webhook', 'replay', ''], { env: { LWI_ACCOUNT: '../north' } });
  // Files, in the order that is given.
  expect(ran).toEqual({ code: 0, stdout: ':32\n', stderr: '' });
});

test('without a shell it is the one of $SHELL, and otherwise the message names those there are', async () => {
  const lwi = await openScenario();
  const zsh = await lwi.run(['completion'], { env: { SHELL: '/bin/zsh' } });
  expect(zsh.stdout).toMatch(/^#compdef lwi\n/);
  const none = await lwi.run(['completion'], { env: { SHELL: '/bin/ksh' } });
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('bash, zsh, fish, powershell')]);
});
