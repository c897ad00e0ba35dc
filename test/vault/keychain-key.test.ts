import { expect, test } from 'vitest';
import { keyIdOf } from '../../src/vault/envelope.ts';
import { type Keychain, keychainKey } from '../../src/vault/keychain-key.ts';
import { KEY, KEY_TEXT } from './key-provider-contract.ts';
import { memoryKeychain, standingClock } from './memory-keychain.ts';

const ID = keyIdOf(KEY);
const PLACE = 'keychain (lwi / vault-v1)';

/** A provider over a keychain in memory, some of whose calls are replaced. */
function provider(change: Partial<Keychain> = {}, items = new Map<string, string>()) {
  const clock = standingClock();
  const calls: string[] = [];
  const keychain: Keychain = { ...memoryKeychain(items), ...change };
  const counted: Keychain = {
    getPassword: (...args) => {
      calls.push('get');
      return keychain.getPassword(...args);
    },
    setPassword: (...args) => {
      calls.push('set');
      return keychain.setPassword(...args);
    },
    deletePassword: (...args) => {
      calls.push('delete');
      return keychain.deletePassword(...args);
    },
  };
  let stuck = 0;
  const onStuck = () => {
    stuck++;
  };
  const key = keychainKey({ vaultId: 'v1', clock, load: async () => counted, onStuck });
  return { key, clock, calls, items, stuck: () => stuck };
}

const never = () => new Promise<never>(() => {});
const refusing = (message: string) => async () => {
  throw new Error(message);
};

/** Lets every promise that can go on do so. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('the key is kept as base64 under the service lwi, named after vault and key', async () => {
  const { key, items } = provider();
  await key.write?.(KEY);
  expect([...items]).toEqual([[`lwi / vault-v1-${ID}`, KEY_TEXT]]);
});

test('an absent key is undefined, and the probe for a locked keychain leaves nothing', async () => {
  const { key, items } = provider();
  expect(await key.read(ID)).toBeUndefined();
  expect([...items]).toEqual([]);
});

test('without an id there is nothing to look for, and no call is made', async () => {
  const { key, calls } = provider();
  expect(await key.read()).toBeUndefined();
  expect(calls).toEqual([]);
});

test('a keychain that hides its items because it is locked is not an empty one', async () => {
  const { key } = provider({ setPassword: refusing('Cannot create an item in a locked collection') });
  const locked = {
    code: 'KEYCHAIN_UNAVAILABLE',
    message: `The ${PLACE} cannot be used: it is locked (Cannot create an item in a locked collection).`,
  };
  await expect(key.read(ID)).rejects.toMatchObject(locked);
  await expect(key.write?.(KEY)).rejects.toMatchObject(locked);
  await expect(key.check?.()).rejects.toMatchObject(locked);
});

test.each([
  ['Cannot autolaunch D-Bus without X11 $DISPLAY', 'no D-Bus session bus can be reached'],
  [
    'The name org.freedesktop.secrets was not provided by any .service files',
    'no secret service answers on the session bus',
  ],
  ['User interaction is not allowed.', 'it is locked'],
  ['Something else', 'it refused'],
])('trouble is named: %s', async (message, why) => {
  const { key } = provider({ getPassword: refusing(message) });
  await expect(key.read(ID)).rejects.toMatchObject({
    code: 'KEYCHAIN_UNAVAILABLE',
    message: `The ${PLACE} cannot be used: ${why} (${message}).`,
  });
});

test('a library that cannot be loaded is named with the remedy', async () => {
  const load = refusing('Failed to load keytar native addon, checked ["../build/Release"]');
  const key = keychainKey({ vaultId: 'v1', clock: standingClock(), load });
  await expect(key.read(ID)).rejects.toMatchObject({
    code: 'KEYCHAIN_UNAVAILABLE',
    message: expect.stringContaining('its library cannot be loaded'),
    hint: expect.stringContaining('libsecret'),
  });
});

test('an item that holds no key is KEY_INVALID and not shown', async () => {
  const { key } = provider({}, new Map([[`lwi / vault-v1-${ID}`, 'hunter2hunter2']]));
  await expect(key.read(ID)).rejects.toMatchObject({
    code: 'KEY_INVALID',
    message: `What the ${PLACE} holds is not 32 bytes in base64.`,
  });
});

test('a keychain that does not answer is given up after 3 s, and not called again while it hangs', async () => {
  const { key, clock, calls, stuck } = provider({ getPassword: never });
  const reading = key.read(ID).catch((error: unknown) => error);
  await settle();
  clock.pass(2999);
  expect(await Promise.race([reading, settle().then(() => 'waiting')])).toBe('waiting');
  clock.pass(1);
  const late = {
    code: 'KEYCHAIN_UNAVAILABLE',
    message: expect.stringContaining(`The ${PLACE} did not answer within 3000 ms`),
  };
  expect(await reading).toMatchObject(late);
  await expect(key.write?.(KEY)).rejects.toMatchObject(late);
  expect(calls).toEqual(['get']);
  expect(stuck()).toBe(1);
});

test('a keychain that answers at last can be used again', async () => {
  let answer = (_: null) => {};
  let first = true;
  const items = new Map<string, string>();
  const memory = memoryKeychain(items);
  const getPassword: Keychain['getPassword'] = (service, account) => {
    if (!first) return memory.getPassword(service, account);
    first = false;
    return new Promise((resolve) => {
      answer = resolve;
    });
  };
  const { key, clock } = provider({ getPassword }, items);
  const reading = key.read(ID).catch((error: unknown) => error);
  await settle();
  clock.pass(3000);
  expect(await reading).toMatchObject({ code: 'KEYCHAIN_UNAVAILABLE' });
  answer(null);
  await settle();
  await key.write?.(KEY);
  expect(await key.read(ID)).toEqual(KEY);
});

test('a key that shows up only some time after it was written is waited for, within the 3 s', async () => {
  let looks = 0;
  const { key, clock } = provider({ getPassword: async () => (++looks < 3 ? null : KEY_TEXT) });
  const writing = key.write?.(KEY);
  for (let look = 0; look < 3; look++) {
    await settle();
    clock.pass(100);
  }
  await writing;
  expect(looks).toBe(3);

  const lost = provider({ getPassword: async () => null });
  const failing = lost.key.write?.(KEY).catch((error: unknown) => error);
  for (let look = 0; look < 31; look++) {
    await settle();
    lost.clock.pass(100);
  }
  expect(await failing).toMatchObject({ code: 'KEYCHAIN_UNAVAILABLE' });
});

test('no error of the keychain shows the key', async () => {
  const { key } = provider({ setPassword: refusing('no room') });
  const error = await key.write?.(KEY).catch((caught: unknown) => caught);
  expect(JSON.stringify(error) + String(error)).not.toContain(KEY_TEXT.slice(0, 8));
});
