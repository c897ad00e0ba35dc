import { expect, onTestFinished, test } from 'vitest';
import { type HostAnswer, hostChecks } from '../../../src/checks/machine/hosts.ts';
import { keyChecks } from '../../../src/checks/machine/key.ts';
import { portCheck } from '../../../src/checks/machine/port.ts';
import { portHolder } from '../../../src/checks/machine/port-holder.ts';
import { versionsCheck } from '../../../src/checks/machine/versions.ts';
import { LwiError } from '../../../src/errors.ts';
import type { KeyStatus } from '../../../src/vault/key-status.ts';
import { freePort, occupyPort } from '../../support/free-port.ts';
import { said } from './support.ts';

test.each([
  ['22.22.2', true],
  ['22.22.1', false],
  ['23.9.9', false],
  ['24.15.0', true],
  ['25.0.0', false],
  ['26.0.0', true],
  ['31.4.1', true],
  ['26.0.0-nightly20261101', true],
])('Node %s fits: %s', async (node, fits) => {
  const engines = '^22.22.2 || ^24.15.0 || >=26.0.0';
  const check = versionsCheck({ lwi: '0.1.0', node, engines, platform: 'linux x64', sqlite: async () => '3.54.1' });
  expect((await check.run(new AbortController().signal)).outcome).toBe(fits ? 'pass' : 'fail');
});

test('an SQLite that cannot be loaded is told, not thrown', async () => {
  const sqlite = async () => {
    throw new Error('was compiled against a different Node.js version\nmore');
  };
  const check = versionsCheck({ lwi: '0.1.0', node: '26.0.0', engines: '>=26.0.0', platform: 'linux x64', sqlite });
  expect(await said(check)).toMatch(
    /^fail .*SQLite cannot be loaded: was compiled against a different.* next: Install lwi/,
  );
});

test('a port is free, held by somebody, or held by lwi itself', async () => {
  const deps = { name: 'port', purpose: 'for tests', otherwise: 'Give --port <n>.', ownUse: 'a test that runs' };
  const free = await freePort();
  expect(await said(portCheck({ ...deps, port: free, holder: portHolder }))).toBe(`pass ${free} is free, for tests`);
  const { port, server } = await occupyPort();
  onTestFinished(() => void server.close());
  const held = await said(portCheck({ ...deps, port, holder: portHolder }));
  if (process.platform === 'linux') {
    expect(held).toMatch(new RegExp(`^fail ${port} is held by .+ \\(process ${process.pid}\\), for tests next: Give`));
  }
  const unknown = await said(portCheck({ ...deps, port, holder: () => undefined }));
  expect(unknown).toBe(`skip ${port} is in use, by whom cannot be told: unless that is lwi itself, give --port <n>`);
  const own = await said(portCheck({ ...deps, port, holder: () => ({ pid: 7, name: 'node', isLwi: true }) }));
  expect(own).toBe(`skip ${port} is held by lwi itself (process 7): a test that runs`);
});

test.each<[string, readonly HostAnswer[] | string, RegExp, RegExp]>([
  [
    'agree',
    [
      { host: 'a', skewMs: 900 },
      { host: 'b', skewMs: -31_000 },
      { host: 'c', skewMs: undefined },
    ],
    /^pass answering: a, b, c$/,
    /^pass within a second of a, 31s behind b$/,
  ],
  [
    'are far ahead',
    [
      { host: 'a', skewMs: -600_000 },
      { host: 'b', skewMs: 0 },
    ],
    /^pass/,
    /^fail The clock of this machine is 10m behind a\. next: Set the clock/,
  ],
  [
    'are a minute behind',
    [{ host: 'a', skewMs: 61_000 }],
    /^pass/,
    /^pass warning: 1m 1s ahead of a; more than 5m, and/,
  ],
  [
    'do not answer',
    [{ host: 'a', error: new LwiError('DNS', 'a is not found.') }],
    /^fail a: a is not found\. next: Check the name/,
    /^skip nobody said what time it is$/,
  ],
  ['are not asked', 'nothing is connected', /^skip nothing is connected$/, /^skip nothing is connected$/],
])('hosts that %s', async (_, answers, hosts, clock) => {
  const [first, second] = hostChecks({ answers: async () => answers });
  expect(await said(first)).toMatch(hosts);
  expect(await said(second)).toMatch(clock);
});

const broken = new LwiError('KEYCHAIN_UNAVAILABLE', 'The keychain cannot be used.', { hint: 'Unlock it.' });
const wrong = new LwiError('KEY_WRONG', 'Sealed with another key.');

test.each<[string, Partial<KeyStatus>, RegExp, RegExp]>([
  ['opens', {}, /^pass works, and keeps the key$/, /^pass key abc, from keychain, opens the database$/],
  ['is wrong', { problem: wrong, opens: 'no' }, /^pass/, /^fail Sealed with another key\. next: Give the key/],
  [
    'is in a keychain that does not work',
    { keychain: { inUse: true, works: false, problem: broken }, problem: broken, opens: 'no' },
    /^fail The keychain cannot be used\. next: Unlock it\.$/,
    /^skip keychain did not pass$/,
  ],
  [
    'is elsewhere',
    { place: 'LWI_ENCRYPTION_KEY', keychain: { inUse: false, works: false, problem: broken } },
    /^skip not in use: the key comes from LWI_ENCRYPTION_KEY\. It would not work/,
    /^pass key abc, from LWI_ENCRYPTION_KEY, opens/,
  ],
  ['is not made yet', { opens: 'no-key-yet', keyId: undefined }, /^pass/, /^pass nothing is sealed yet/],
  ['has predecessors', { leftover: 2 }, /^pass/, /2 old ones go with the next `lwi key rotate`$/],
])('a key that %s', async (_, change, keychain, key) => {
  const works = { inUse: true, works: true, problem: undefined };
  const status: KeyStatus = {
    ...{ place: 'keychain', keyId: 'abc', opens: 'yes', problem: undefined, keychain: works, leftover: 0 },
    ...change,
  };
  const [first, second] = keyChecks({ status: async () => status, databaseTrouble: async () => undefined });
  expect(await said(first)).toMatch(keychain);
  expect(await said(second)).toMatch(key);
});
