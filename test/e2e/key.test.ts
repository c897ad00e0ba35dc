import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keyIdOf } from '../../src/vault/envelope.ts';
import { filesBelow, openTokens, shownIn } from '../support/planted.ts';
import { failureOf, inThisProcess, openScenario, type Scenario } from '../support/scenario.ts';
import { ON_POSTGRES } from '../support/store-place.ts';

const KEY = 'LWI_ENCRYPTION_KEY';
const KEY_FILE = 'LWI_ENCRYPTION_KEY_FILE';
const NEW_KEY = 'LWI_NEW_ENCRYPTION_KEY';
const NEW_KEY_FILE = 'LWI_NEW_ENCRYPTION_KEY_FILE';
const PASSPHRASE = 'correct horse battery staple';
const withPassphrase = { LWI_KEY_PASSPHRASE: PASSPHRASE };

const newKey = () => randomBytes(32).toString('base64');
const idOf = (text: string) => keyIdOf(Buffer.from(text, 'base64'));

const databasesBelow = (lwi: Scenario) =>
  filesBelow(lwi.cwd).flatMap(({ name }) => (name.endsWith('.db') ? [name] : []));

async function connected(): Promise<Scenario> {
  const lwi = inThisProcess(await openScenario());
  await lwi.connected(['mycarrierpackets']);
  await lwi.run(['secret', 'set', 'slack', 'webhook-secret'], { stdin: 'a webhook secret' });
  return lwi;
}

describe('key rotate', () => {
  test('seals everything with the given key: it opens, the old one does not, and a second run finds it done', async () => {
    const lwi = await connected();
    const before = await openTokens(lwi.home, lwi.key);
    const key = newKey();
    const env = { [NEW_KEY]: key };
    expect(await lwi.json(['key', 'rotate'], { env })).toEqual({
      outcome: 'rotated',
      keyId: idOf(key),
      previousKeyId: idOf(lwi.key),
      resealed: expect.any(Number),
      // A server keeps old rows where no client reaches them.
      erased: !ON_POSTGRES,
      oldKey: 'kept',
      place: NEW_KEY,
    });
    expect(await openTokens(lwi.home, key)).toEqual(before);
    expect(failureOf(await lwi.run(['token', 'get', 'mycarrierpackets', '--json']))).toMatchObject({
      exit: 7,
      error: { code: 'KEY_WRONG' },
    });
    expect((await lwi.run(['token', 'get', 'mycarrierpackets'], { env: { [KEY]: key } })).code).toBe(0);
    expect(await lwi.json(['key', 'rotate'], { env })).toMatchObject({ outcome: 'already', resealed: 0 });
    const traces = filesBelow(lwi.cwd).filter(({ content }) => content.includes(Buffer.from(idOf(lwi.key), 'hex')));
    expect(traces.map(({ name }) => name)).toEqual([]);
  });

  test('takes both keys from files, and says what to do now', async () => {
    const lwi = await connected();
    const key = newKey();
    const env = {
      [KEY]: undefined,
      [KEY_FILE]: lwi.write('old.key', lwi.key),
      [NEW_KEY_FILE]: lwi.write('new.key', key),
    };
    const ran = await lwi.run(['key', 'rotate'], { env });
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringMatching(`^rotated to key ${idOf(key)} from file `) });
    expect(ran.stderr).toMatch(/Now give the new key to every process of this database/);
    expect(ran.stdout + ran.stderr).not.toContain(key);
    expect((await openTokens(lwi.home, key)).length).toBeGreaterThan(0);
  });

  test('without a new key says the commands to run, and changes nothing', async () => {
    const lwi = await connected();
    const { exit, error } = failureOf(await lwi.run(['key', 'rotate', '--json']));
    expect([exit, error['code']]).toEqual([2, 'USAGE']);
    expect(error['hint']).toContain('lwi key generate -q');
    expect(error['hint']).toContain('lwi key rotate --to-keychain');
    expect((await lwi.run(['token', 'get', 'mycarrierpackets'])).code).toBe(0);
  });

  test('into a keychain that is not there is code 7 and changes nothing', async () => {
    const lwi = await connected();
    const ran = await lwi.run(['key', 'rotate', '--to-keychain', '--json']);
    expect(failureOf(ran)).toMatchObject({ exit: 7, stdout: '', error: { code: 'KEYCHAIN_UNAVAILABLE' } });
    expect((await lwi.run(['token', 'get', 'mycarrierpackets'])).code).toBe(0);
  });

  test.each<[string, Record<string, string>, string[], number, string]>([
    ['an empty new key', { [NEW_KEY]: '' }, [], 7, 'KEY_INVALID'],
    ['two new keys', { [NEW_KEY]: newKey(), [NEW_KEY_FILE]: '/x' }, [], 2, 'USAGE'],
    ['a new key and the keychain', { [NEW_KEY]: newKey() }, ['--to-keychain'], 2, 'USAGE'],
    ['a new key file that is not there', { [NEW_KEY_FILE]: '/nowhere' }, [], 7, 'KEY_MISSING'],
    ['another old key', { [KEY]: newKey(), [NEW_KEY]: newKey() }, [], 7, 'KEY_WRONG'],
  ])('refuses %s, and changes nothing', async (_, env, options, exit, code) => {
    const lwi = await connected();
    const ran = await lwi.run(['key', 'rotate', ...options, '--json'], { env });
    expect(failureOf(ran)).toMatchObject({ exit, stdout: '', error: { code } });
    expect((await lwi.run(['token', 'get', 'mycarrierpackets'])).code).toBe(0);
  });

  test('has nothing to do where there is no database, and makes none', async () => {
    const lwi = inThisProcess(await openScenario());
    const ran = await lwi.run(['key', 'rotate', '--json'], { env: { [NEW_KEY]: newKey() } });
    expect(failureOf(ran)).toMatchObject({ exit: 2, error: { code: 'USAGE' } });
    expect(databasesBelow(lwi)).toEqual([]);
  });
});

describe('key export and import', () => {
  test('bring a key from one machine to another as a file, for its owner alone', async () => {
    const lwi = await connected();
    const [backup, keyFile] = [join(lwi.cwd, 'backup.json'), join(lwi.cwd, 'restored.key')];
    const exported = await lwi.run(['key', 'export', backup], { stdin: `${PASSPHRASE}\n` });
    expect(exported).toMatchObject({ code: 0, stdout: `exported key ${idOf(lwi.key)} to ${backup}\n` });
    expect((statSync(backup).mode & 0o777).toString(8)).toBe('600');
    expect(shownIn(readFileSync(backup), { key: lwi.key, passphrase: PASSPHRASE })).toEqual([]);

    const env = { [KEY]: undefined, ...withPassphrase };
    expect(await lwi.json(['key', 'import', backup, '--key-file', keyFile], { env })).toEqual({
      keyId: idOf(lwi.key),
      keyFile,
    });
    expect((statSync(keyFile).mode & 0o777).toString(8)).toBe('600');
    const restored = { [KEY]: undefined, [KEY_FILE]: keyFile };
    expect((await lwi.run(['token', 'get', 'mycarrierpackets'], { env: restored })).code).toBe(0);
  });

  test('go through pipes, with the passphrase in the environment', async () => {
    const lwi = await connected();
    const backup = await lwi.run(['key', 'export'], { env: withPassphrase });
    expect(JSON.parse(backup.stdout)).toMatchObject({ type: 'lwi-key', version: 1, keyId: idOf(lwi.key) });
    const keyFile = join(lwi.cwd, 'piped.key');
    const words = ['key', 'import', '-', '--key-file', keyFile];
    const without = await lwi.run([...words, '--json'], { stdin: backup.stdout });
    expect(failureOf(without)).toMatchObject({ exit: 2, error: { code: 'INPUT_NEEDED' } });
    const piped = await lwi.run(words, { stdin: backup.stdout, env: withPassphrase });
    expect(piped).toMatchObject({ code: 0, stdout: `wrote key ${idOf(lwi.key)} to ${keyFile}\n` });
    expect(readFileSync(keyFile, 'utf8')).toBe(`${lwi.key}\n`);
  });

  test('never write over a file', async () => {
    const lwi = await connected();
    const file = lwi.write('precious', 'precious');
    const exporting = await lwi.run(['key', 'export', file, '--json'], { env: withPassphrase });
    expect(failureOf(exporting)).toMatchObject({ exit: 2, stdout: '', error: { code: 'USAGE' } });
    const backup = lwi.write('backup.json', (await lwi.run(['key', 'export'], { env: withPassphrase })).stdout);
    const importing = await lwi.run(['key', 'import', backup, '--key-file', file, '--json'], { env: withPassphrase });
    expect(failureOf(importing)).toMatchObject({ exit: 2, stdout: '', error: { code: 'USAGE' } });
    expect(readFileSync(file, 'utf8')).toBe('precious');
  });

  test('a wrong passphrase, a damaged file and the key of another database are told apart; nothing is written', async () => {
    const lwi = await connected();
    const text = (await lwi.run(['key', 'export'], { env: withPassphrase })).stdout;
    const file = lwi.write('backup.json', text);
    const damaged = lwi.write(
      'damaged.json',
      text.replace('"version":1', '"version": 1').replace(/"keyId":"./, '"keyId":"g'),
    );
    const keyFile = join(lwi.cwd, 'new.key');
    const importing = async (of: string, env: Record<string, string>) =>
      failureOf(await lwi.run(['key', 'import', of, '--key-file', keyFile, '--json'], { env }));
    const wrong = await importing(file, { LWI_KEY_PASSPHRASE: 'correct horse battery stable' });
    expect(wrong).toMatchObject({
      exit: 7,
      error: { code: 'KEY_WRONG', message: expect.stringMatching('passphrase') },
    });
    expect(await importing(damaged, withPassphrase)).toMatchObject({ exit: 2, error: { code: 'INPUT_INVALID' } });
    expect(await importing('/nowhere', withPassphrase)).toMatchObject({ exit: 2, error: { code: 'INPUT_INVALID' } });
    await lwi.run(['key', 'rotate'], { env: { [NEW_KEY]: newKey() } });
    expect(await importing(file, withPassphrase)).toMatchObject({ exit: 7, error: { code: 'KEY_WRONG' } });
    expect(existsSync(keyFile)).toBe(false);
  });

  test('refuse a passphrase that is short or absent', async () => {
    const lwi = await connected();
    for (const [env, stdin, code] of [
      [{ LWI_KEY_PASSPHRASE: 'short' }, '', 'INPUT_INVALID'],
      [{ LWI_KEY_PASSPHRASE: '' }, PASSPHRASE, 'INPUT_INVALID'],
      [{}, '', 'INPUT_NEEDED'],
    ] as const) {
      const ran = await lwi.run(['key', 'export', '--json'], { env, stdin });
      expect(failureOf(ran)).toMatchObject({ exit: 2, stdout: '', error: { code } });
    }
  });

  test('an import into the keychain is refused while the environment gives a key', async () => {
    const lwi = await connected();
    const file = lwi.write('backup.json', (await lwi.run(['key', 'export'], { env: withPassphrase })).stdout);
    const refused = failureOf(await lwi.run(['key', 'import', file, '--json'], { env: withPassphrase }));
    expect(refused).toMatchObject({ exit: 2, error: { code: 'USAGE', hint: expect.stringContaining('--key-file') } });
    const env = { [KEY]: undefined, ...withPassphrase };
    const noKeychain = failureOf(await lwi.run(['key', 'import', file, '--json'], { env }));
    expect(noKeychain).toMatchObject({ exit: 7, error: { code: 'KEYCHAIN_UNAVAILABLE' } });
  });
});

describe('key status', () => {
  test('says where the key is and whether it opens the database', async () => {
    const lwi = await connected();
    const keychain = { inUse: false, works: false, problem: { code: 'KEYCHAIN_UNAVAILABLE' } };
    expect(await lwi.json(['key', 'status'])).toMatchObject({
      ...{ place: KEY, keyId: idOf(lwi.key), opens: 'yes', leftover: 0, keychain },
    });
    const wrong = await lwi.run(['key', 'status', '--json'], { env: { [KEY]: newKey() } });
    expect({ code: wrong.code, said: JSON.parse(wrong.stdout) }).toMatchObject({
      ...{ code: 7, said: { keyId: idOf(lwi.key), opens: 'no', problem: { code: 'KEY_WRONG' } } },
    });
    const shown = await lwi.run(['key', 'status']);
    expect(shown).toMatchObject({ code: 0, stdout: expect.stringMatching(/^key from {2}LWI_ENCRYPTION_KEY\nkey id /) });
    expect(shown.stdout + shown.stderr).not.toContain(lwi.key);
  });

  test('makes no database to look at', async () => {
    const lwi = inThisProcess(await openScenario());
    expect(await lwi.json(['key', 'status'])).toMatchObject({ place: KEY, opens: 'no-key-yet' });
    expect(databasesBelow(lwi)).toEqual([]);
  });
});
