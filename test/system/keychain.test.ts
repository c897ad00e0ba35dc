import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { keyIdOf } from '../../src/vault/envelope.ts';
import { missingPrerequisite, openSession } from './secret-service.ts';

const KEY = Uint8Array.from({ length: 32 }, (_, index) => index * 3);
const KEY_TEXT = Buffer.from(KEY).toString('base64');
const ID = keyIdOf(KEY);

/** Exit code of storage and key troubles in the command contract. */
const STORAGE = 7;
/** Without a bound, a hanging service holds a process for 25 s (the time-out of D-Bus calls) or for ever (a prompt). */
const BOUNDED_MS = 10_000;

const missing = missingPrerequisite();
beforeEach(({ skip }) => skip(missing !== undefined, missing));

/** KEYCHAIN_UNAVAILABLE with a message that names `trouble`, and code 7. */
const unavailable = (trouble: string) => ({
  code: STORAGE,
  said: { code: 'KEYCHAIN_UNAVAILABLE', message: expect.stringContaining(trouble) },
});

test('a key written by one process is read by another, also after the service was restarted, until removed', async () => {
  const session = await openSession();
  const keyring = await session.startKeyring('a pass phrase');
  expect(await session.run(['check', 'v1'])).toMatchObject({ code: 0, said: 'works' });
  expect(await session.run(['read', 'v1', ID])).toMatchObject({ code: 0, said: 'absent' });
  expect(await session.run(['write', 'v1', KEY_TEXT])).toMatchObject({ code: 0, said: ID });
  expect(await session.run(['read', 'v1', ID])).toMatchObject({ code: 0, said: ID });
  expect(await session.run(['read', 'v2', ID])).toMatchObject({ code: 0, said: 'absent' });
  await session.stopKeyring(keyring);
  await session.startKeyring('a pass phrase');
  expect(await session.run(['read', 'v1', ID])).toMatchObject({ code: 0, said: ID });
  expect(await session.run(['remove', 'v1', ID])).toMatchObject({ code: 0, said: 'removed' });
  expect(await session.run(['read', 'v1', ID])).toMatchObject({ code: 0, said: 'absent' });
});

test('a vault makes its key in the keychain once, and a later process opens what an earlier one sealed', async () => {
  const session = await openSession();
  await session.startKeyring('a pass phrase');
  const path = join(session.home, 'lwi', 'lwi.db');
  const races = await Promise.all(['first', 'second'].map((text) => session.run(['seal', path, text])));
  const sealed = races.map((race) => race.said);
  expect(races.map((race) => race.code)).toEqual([0, 0]);
  const opened = [];
  for (const envelope of sealed) opened.push((await session.run(['open', path, String(envelope)])).said);
  expect(opened).toEqual(['first', 'second']);
});

test('a locked keychain is said to be locked: a key in it is not reported as missing, and none is made', async () => {
  const session = await openSession();
  await session.startKeyring('a pass phrase');
  const path = join(session.home, 'lwi', 'lwi.db');
  const { said: sealed } = await session.run(['seal', path, 'secret']);
  await session.run(['write', 'v1', KEY_TEXT]);
  session.lock();
  for (const args of [
    ['read', 'v1', ID],
    ['write', 'v1', KEY_TEXT],
    ['check', 'v1'],
    ['open', path, String(sealed)],
    ['seal', join(session.home, 'other', 'lwi.db'), 'secret'],
  ]) {
    expect(await session.run(args)).toMatchObject(unavailable('it is locked'));
  }
});

test('a session bus without a secret service is said to have none', async () => {
  const session = await openSession();
  for (const args of [
    ['read', 'v1', ID],
    ['write', 'v1', KEY_TEXT],
    ['check', 'v1'],
  ]) {
    expect(await session.run(args)).toMatchObject(unavailable('no secret service answers on the session bus'));
  }
});

test.each([
  ['no address of a bus', undefined],
  ['the address of a bus that is gone', 'unix:path=/nonexistent/bus'],
])('without a session bus it says so: %s', async (_, address) => {
  const session = await openSession();
  const ran = await session.run(['read', 'v1', ID], { DBUS_SESSION_BUS_ADDRESS: address });
  expect(ran).toMatchObject(unavailable('no D-Bus session bus can be reached'));
});

test('a library that cannot be loaded is said to be so', async () => {
  const session = await openSession();
  await session.startKeyring('a pass phrase');
  const libraries = join(session.home, 'lib');
  mkdirSync(libraries);
  writeFileSync(join(libraries, 'libsecret-1.so.0'), 'no library');
  const ran = await session.run(['read', 'v1', ID], { LD_LIBRARY_PATH: libraries });
  expect(ran).toMatchObject(unavailable('its library cannot be loaded'));
});

test('a service that hangs is given up, and the process is gone soon after with code 7', async () => {
  const session = await openSession();
  const keyring = await session.startKeyring('a pass phrase');
  await session.run(['write', 'v1', KEY_TEXT]);
  keyring.kill('SIGSTOP');
  const path = join(session.home, 'lwi', 'lwi.db');
  for (const args of [
    ['read', 'v1', ID],
    ['write', 'v1', KEY_TEXT],
    ['seal', path, 'secret'],
  ]) {
    const ran = await session.run(args);
    expect(ran).toMatchObject(unavailable('did not answer within 3000 ms'));
    expect(ran.ms).toBeLessThan(BOUNDED_MS);
  }
  keyring.kill('SIGCONT');
  expect(await session.run(['read', 'v1', ID])).toMatchObject({ code: 0, said: ID });
  expect(await session.run(['seal', path, 'secret'])).toMatchObject({ code: 0 });
});
