import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { outputMisfits } from '../support/output-fit.ts';
import { filesBelow, openTokens, shownIn } from '../support/planted.ts';
import { documentOf, failureOf, openScenario } from '../support/scenario.ts';
import { queryStore } from '../support/store-file.ts';
import { missingPrerequisite, openSession, type Session } from './secret-service.ts';

const PASSWORD = 'a pass phrase';
/** Starting, three seconds for the keychain, leaving; a hanging service would hold a process for 25 s. */
const BOUNDED_MS = 10_000;

const missing = missingPrerequisite();
beforeEach(({ skip }) => skip(missing !== undefined, missing));

/** A person's machine: no key in the environment, a session bus, and what `change` says. */
async function opened(session: Session, change: Record<string, string | undefined> = {}) {
  const lwi = await openScenario();
  const env = { LWI_ENCRYPTION_KEY: undefined, ...session.env, ...change };
  return {
    lwi,
    env,
    run: (words: readonly string[], more = {}) => lwi.run(words, { env: { ...env, ...more } }),
    connect: async () => documentOf(await lwi.connect(['quickbooks', '--json'], { env })),
    failure: async (words: readonly string[]) => failureOf(await lwi.run([...words, '--json'], { env })),
    token: async () => {
      const { code, stdout, stderr } = await lwi.run(['token', 'get', 'quickbooks'], { env });
      return code === 0 ? stdout.trim() : `code ${code}: ${stderr}`;
    },
  };
}

/** The attributes under which the key of a home must lie in the keychain. */
function itemOf(home: string): string[] {
  const rows = queryStore<{ name: string; value: string }>(home, 'SELECT name, value FROM meta');
  const meta = Object.fromEntries(rows.map(({ name, value }) => [name, value]));
  return ['service', 'lwi', 'account', `vault-${meta['vault_id']}-${meta['vault_key_id']}`];
}

/** Items that the keychain holds under the name of lwi. */
const itemsIn = (session: Session) =>
  session.secretTool(['search', '--all', '--unlock', 'service', 'lwi']).match(/^label = .*$/gm) ?? [];

const unavailable = (why: string) => ({
  exit: 7,
  error: { code: 'KEYCHAIN_UNAVAILABLE', message: expect.stringContaining(why), hint: expect.any(String) },
});

describe('the command with the keychain of the session', () => {
  test('keeps its key there and nothing else, and works on through a restart of the keyring', async () => {
    const session = await openSession();
    const keyring = await session.startKeyring(PASSWORD);
    const { lwi, connect, token, run } = await opened(session);
    expect(await connect()).toMatchObject({ externalId: '9130000000000001' });
    const key = session.secretTool(['lookup', ...itemOf(lwi.home)]);
    expect(Buffer.from(key, 'base64')).toHaveLength(32);
    expect(itemsIn(session)).toHaveLength(1);

    const before = await token();
    const secrets = await openTokens(lwi.home, key);
    expect(secrets).toContain(before);
    const planted = { key, ...Object.fromEntries(secrets.map((secret, index) => [`token ${index}`, secret])) };
    const shown = filesBelow(lwi.home).flatMap(({ content }) => shownIn(content, planted));
    expect(shown).toEqual([]);

    await session.stopKeyring(keyring);
    await session.startKeyring(PASSWORD);
    const refreshed = await run(['token', 'refresh', 'quickbooks', '--force', '--json']);
    expect(documentOf(refreshed)).toMatchObject([{ provider: 'quickbooks', outcome: 'refreshed' }]);
    expect(await token()).toMatch(/^(?!code)\S+$/);
    expect(await token()).not.toBe(before);
    expect((await run(['sync', 'quickbooks', '--entity', 'customers', '--json'])).code).toBe(0);
    expect(itemsIn(session)).toHaveLength(1);
  });

  test('two homes have a key each, and neither sees that of the other', async () => {
    const session = await openSession();
    await session.startKeyring(PASSWORD);
    const [one, two] = [await opened(session), await opened(session)];
    await one.connect();
    await two.connect();
    expect(itemOf(one.lwi.home)).not.toEqual(itemOf(two.lwi.home));
    const keys = [one, two].map(({ lwi }) => session.secretTool(['lookup', ...itemOf(lwi.home)]));
    expect(keys[0]).not.toBe(keys[1]);
    session.secretTool(['clear', ...itemOf(one.lwi.home)]);
    expect(await one.failure(['token', 'get', 'quickbooks'])).toMatchObject({
      exit: 7,
      error: { code: 'KEY_MISSING' },
    });
    expect(await two.token()).toMatch(/^(?!code)\S+$/);
  });

  test('takes back a key that was exported', async () => {
    const session = await openSession();
    await session.startKeyring(PASSWORD);
    const { lwi, connect, token, run } = await opened(session);
    await connect();
    const before = await token();
    const passphrase = { LWI_KEY_PASSPHRASE: 'correct horse battery staple' };
    const backup = join(lwi.cwd, 'backup');
    expect(await run(['key', 'export', backup], passphrase)).toMatchObject({ code: 0 });
    session.secretTool(['clear', ...itemOf(lwi.home)]);
    expect(await token()).toContain('KEY_MISSING');
    const { stdout } = await run(['key', 'import', backup, '--json'], passphrase);
    expect(outputMisfits('key import', 'into the keychain', stdout)).toEqual([]);
    expect(await token()).toBe(before);
  });

  test('says KEY_MISSING when the key is gone, keeps the data, makes no new key, and is healed by putting it back', async () => {
    const session = await openSession();
    await session.startKeyring(PASSWORD);
    const { lwi, connect, token, failure } = await opened(session);
    await connect();
    const before = await token();
    const item = itemOf(lwi.home);
    const key = session.secretTool(['lookup', ...item]);
    session.secretTool(['clear', ...item]);
    const asked = await lwi.requests();
    for (const words of [
      ['token', 'get', 'quickbooks'],
      ['sync', 'quickbooks'],
      ['connect', 'quickbooks', '--no-browser'],
    ]) {
      expect(await failure(words)).toMatchObject({ exit: 7, stdout: '', error: { code: 'KEY_MISSING' } });
    }
    expect(await lwi.requests()).toEqual(asked);
    expect(itemsIn(session)).toEqual([]);
    // libsecret looks for its schema too, which secret-tool leaves out.
    const schema = ['xdg:schema', 'org.freedesktop.Secret.Generic'];
    session.secretTool(['store', '--label', 'from a backup', ...schema, ...item], key);
    expect(await token()).toBe(before);
  });
});

describe('a keychain that is locked', () => {
  test('is said to be so, asks nothing of the provider, and loses nothing', async () => {
    const session = await openSession();
    const keyring = await session.startKeyring(PASSWORD);
    const { lwi, connect, token, failure } = await opened(session);
    await connect();
    const before = await token();
    const asked = await lwi.requests();
    session.lock();
    for (const words of [
      ['token', 'get', 'quickbooks'],
      ['token', 'refresh', 'quickbooks', '--force'],
      ['sync', 'quickbooks'],
      ['connect', 'quickbooks', '--no-browser'],
    ]) {
      expect(await failure(words)).toMatchObject(unavailable('it is locked'));
    }
    expect(await lwi.requests()).toEqual(asked);
    // The password is asked for again, as at a login.
    await session.stopKeyring(keyring);
    await session.startKeyring(PASSWORD);
    expect(await token()).toBe(before);
  });

  test('does not keep status from working', async () => {
    const session = await openSession();
    const keyring = await session.startKeyring(PASSWORD);
    const { connect, run } = await opened(session);
    await connect();
    session.lock();
    const status = [{ provider: 'quickbooks', health: 'valid', externalName: 'Laneweaver Freight LLC' }];
    expect(documentOf(await run(['status', '--json']))).toMatchObject(status);
    // Not even asked: a service that would hang is not noticed.
    keyring.kill('SIGSTOP');
    expect(documentOf(await run(['status', '--json']))).toMatchObject(status);
    keyring.kill('SIGCONT');
  });

  test('for a database without a key yet, nothing is sent to the provider', async () => {
    const session = await openSession();
    await session.startKeyring(PASSWORD);
    session.lock();
    const { lwi, failure } = await opened(session);
    expect(await failure(['connect', 'quickbooks', '--no-browser'])).toMatchObject(unavailable('it is locked'));
    expect(await lwi.requests()).toEqual({});
  });
});

describe('without a keychain', () => {
  /** What is missing, and how the environment or the session then looks. */
  const WAYS: readonly [why: string, change: (session: Session) => Promise<Record<string, string | undefined>>][] = [
    ['no secret service answers on the session bus', async () => ({})],
    [
      'no D-Bus session bus can be reached',
      async () => ({ DBUS_SESSION_BUS_ADDRESS: undefined, XDG_RUNTIME_DIR: undefined }),
    ],
    ['no D-Bus session bus can be reached', async () => ({ DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/bus' })],
    [
      'its library cannot be loaded',
      async (session) => {
        await session.startKeyring(PASSWORD);
        const libraries = join(session.home, 'lib');
        mkdirSync(libraries);
        writeFileSync(join(libraries, 'libsecret-1.so.0'), 'no library');
        return { LD_LIBRARY_PATH: libraries };
      },
    ],
  ];

  test.each(WAYS)(
    '%s: connect ends before anything is sent, and its hint works as it is written',
    async (why, change) => {
      const session = await openSession();
      const { lwi, env, failure } = await opened(session, await change(session));
      for (const words of [
        ['connect', 'quickbooks', '--no-browser'],
        ['connect', 'mycarrierpackets'],
      ]) {
        expect(await failure(words)).toMatchObject(unavailable(why));
      }
      expect(await lwi.requests()).toEqual({});

      const { error } = await failure(['connect', 'mycarrierpackets']);
      const [, commands = ''] = /run `([^`]+)` and the command again/.exec(String(error['hint'])) ?? [];
      const shell = `lwi() { $LWI "$@"; }; ${commands}; lwi connect mycarrierpackets --json && lwi token get mycarrierpackets`;
      const { code, stdout } = await lwi.run([], { env, shell });
      expect([code, stdout.trim().split('\n').length]).toEqual([0, 2]);
    },
  );
});

describe('a keychain that hangs', () => {
  test('is given up in time with code 7, nothing is sent, and nothing is lost', async () => {
    const session = await openSession();
    const keyring = await session.startKeyring(PASSWORD);
    const { lwi, connect, token, failure } = await opened(session);
    await connect();
    const before = await token();
    const asked = await lwi.requests();
    keyring.kill('SIGSTOP');
    for (const words of [
      ['token', 'get', 'quickbooks'],
      ['connect', 'quickbooks', '--no-browser'],
    ]) {
      const started = performance.now();
      expect(await failure(words)).toMatchObject(unavailable('did not answer within 3000 ms'));
      expect(performance.now() - started).toBeLessThan(BOUNDED_MS);
    }
    expect(await lwi.requests()).toEqual(asked);
    keyring.kill('SIGCONT');
    expect(await token()).toBe(before);
  });
});
