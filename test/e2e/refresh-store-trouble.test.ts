import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { failureOf, openScenario } from '../support/scenario.ts';
import { spending } from '../support/spending.ts';
import { ageTokens, queryStore } from '../support/store-file.ts';

const TOKEN_ENDPOINT = 'POST /quickbooks/oauth2/v1/tokens/bearer';
const GET = ['token', 'get', 'quickbooks'];

/** A connection whose token has expired, in a home on a file system of its own; undefined where none can be mounted. */
async function onOwnFileSystem() {
  const lwi = await openScenario({ rotateAlways: true });
  mkdirSync(lwi.home, { mode: 0o700 });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=0700', 'tmpfs', lwi.home], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  onTestFinished(() => {
    execFileSync('umount', ['-l', lwi.home]);
  });
  await lwi.connected(['quickbooks']);
  ageTokens(lwi.home, 7_200_000);
  return lwi;
}

const REFUSED = 'mounting a file system is refused here';

test('a disk that fills up in mid-refresh does not cost the connection', async ({ skip }) => {
  const lwi = (await onOwnFileSystem()) ?? skip(REFUSED);
  await lwi.control('faults?fault=latency=3000:quickbooks/tokens');
  const running = lwi.start(GET);
  await spending(lwi);
  expect(() => writeFileSync(join(lwi.home, 'ballast'), Buffer.alloc(9_000_000))).toThrow('ENOSPC');
  expect(await running.ended).toEqual({ code: 0, stdout: expect.stringMatching(/^\S+\n$/), stderr: '' });
  expect((await lwi.requests())[TOKEN_ENDPOINT]).toBe(2);
  expect(queryStore(lwi.home, 'SELECT refresh_count AS n, state FROM oauth_tokens')).toEqual([
    { n: 1, state: 'active' },
  ]);
});

test.each([
  [
    'full',
    (home: string) => expect(() => writeFileSync(join(home, 'ballast'), Buffer.alloc(9_000_000))).toThrow('ENOSPC'),
  ],
  ['read-only', (home: string) => execFileSync('mount', ['-o', 'remount,ro', home])],
])('a disk that is %s before the refresh stops it: code 7, and the token is not spent', async (name, spoil) => {
  const lwi = await onOwnFileSystem();
  if (!lwi) return void process.stderr.write(`skipped: ${REFUSED}\n`);
  spoil(lwi.home);
  const code = name === 'full' ? 'STORE_FULL' : 'STORE_READONLY';
  expect(failureOf(await lwi.run([...GET, '--json']))).toMatchObject({ exit: 7, stdout: '', error: { code } });
  expect((await lwi.requests())[TOKEN_ENDPOINT]).toBe(1);
});
