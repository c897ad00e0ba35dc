import { randomBytes } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { failureOf, openScenario } from '../support/scenario.ts';

const KEY = 'LWI_ENCRYPTION_KEY';
const KEY_FILE = 'LWI_ENCRYPTION_KEY_FILE';

describe('the key of the vault', () => {
  test('that is nowhere (no variable, no keychain) is code 7 with both remedies, before anything is spent', async () => {
    const lwi = await openScenario();
    const ran = await lwi.run(['connect', 'mycarrierpackets', '--json'], { env: { [KEY]: undefined } });
    const { exit, stdout, error } = failureOf(ran);
    expect({ exit, stdout, code: error['code'] }).toEqual({ exit: 7, stdout: '', code: 'KEYCHAIN_UNAVAILABLE' });
    expect(error['message']).toMatch(/keychain/);
    expect(error['hint']).toMatch(/LWI_ENCRYPTION_KEY/);
    expect(await lwi.requests()).toEqual({});
  });

  test('that is another one is code 7, and nothing is lost', async () => {
    const lwi = await openScenario();
    await lwi.connected(['quickbooks']);
    const before = (await lwi.run(['token', 'get', 'quickbooks'])).stdout;
    const env = { [KEY]: randomBytes(32).toString('base64') };
    for (const words of [
      ['token', 'get', 'quickbooks'],
      ['api', 'quickbooks', '/query'],
      ['sync', 'quickbooks'],
      ['connect', 'quickbooks'],
      ['disconnect', 'quickbooks'],
    ]) {
      expect(failureOf(await lwi.runHere([...words, '--json'], { env }))).toMatchObject({
        exit: 7,
        stdout: '',
        error: { code: 'KEY_WRONG' },
      });
    }
    expect((await lwi.run(['token', 'get', 'quickbooks'])).stdout).toBe(before);
    expect(await lwi.json(['status'], { env })).toMatchObject([{ health: 'valid' }]);
  });

  test.each([
    ['empty', ''],
    ['too short', randomBytes(16).toString('base64')],
    ['no base64', '!'.repeat(44)],
    ['with a line break', `${randomBytes(32).toString('base64')}\n`],
  ])('that is %s is code 7, and is not shown', async (_, key) => {
    const lwi = await openScenario();
    const ran = await lwi.runHere(['connect', 'mycarrierpackets', '--json'], { env: { [KEY]: key } });
    expect(failureOf(ran)).toMatchObject({ exit: 7, stdout: '', error: { code: 'KEY_INVALID' } });
    if (key !== '') expect(ran.stderr).not.toContain(key.trim());
  });

  test('in two places is refused aloud', async () => {
    const lwi = await openScenario();
    const env = { [KEY_FILE]: lwi.write('key', lwi.key) };
    const ran = await lwi.run(['connect', 'mycarrierpackets', '--json'], { env });
    const message = expect.stringContaining(`${KEY} and ${KEY_FILE} are both set`);
    expect(failureOf(ran)).toMatchObject({ exit: 2, stdout: '', error: { code: 'USAGE', message } });
  });

  test('is taken from a file that is private, and from no other', async () => {
    const lwi = await openScenario();
    const file = lwi.write('key', `${lwi.key}\n`);
    const env = { [KEY]: undefined, [KEY_FILE]: file };
    await lwi.connected(['mycarrierpackets'], { env });
    expect((await lwi.run(['token', 'get', 'mycarrierpackets'])).code).toBe(0);
    chmodSync(file, 0o644);
    expect(failureOf(await lwi.run(['token', 'get', 'mycarrierpackets', '--json'], { env }))).toMatchObject({
      ...{ exit: 7, error: { code: 'KEY_INVALID', hint: `Run \`chmod 600 ${file}\`.` } },
    });
    expect(
      failureOf(
        await lwi.run(['token', 'get', 'mycarrierpackets', '--json'], { env: { ...env, [KEY_FILE]: '/nowhere' } }),
      ),
    ).toMatchObject({
      ...{ exit: 7, error: { code: 'KEY_MISSING' } },
    });
  });
});

describe('key generate', () => {
  test('prints a fresh key alone, which works', async () => {
    const lwi = await openScenario();
    const [one, two] = [await lwi.run(['key', 'generate', '-q']), await lwi.run(['key', 'generate', '-q'])];
    expect(one).toEqual({ code: 0, stdout: expect.stringMatching(/^[A-Za-z0-9+/]{43}=\n$/), stderr: '' });
    expect(one.stdout).not.toBe(two.stdout);
    await lwi.json(['connect', 'mycarrierpackets'], { env: { [KEY]: one.stdout.trim() } });
  });
});
