import type { Clock } from '../clock.ts';
import { LwiError } from '../errors.ts';
import { formatKey, parseKey } from './encryption-key.ts';
import { keyIdOf } from './envelope.ts';
import type { KeyProvider } from './key-provider.ts';
import { explainKeychain } from './keychain-trouble.ts';

/** What is used of keytar. */
export interface Keychain {
  getPassword(service: string, account: string): Promise<string | null>;
  setPassword(service: string, account: string, password: string): Promise<void>;
  deletePassword(service: string, account: string): Promise<boolean>;
}

export interface KeychainOptions {
  readonly vaultId: string;
  readonly clock: Clock;
  /** Loads the native library; replaced in tests. */
  readonly load?: (() => Promise<Keychain>) | undefined;
  /**
   * Called when a call did not come back in time. Its thread still waits, and Node joins its threads when it exits, so
   * that the process cannot end before the keychain answers: see `exitPastStuckThread`.
   */
  readonly onStuck?: (() => void) | undefined;
}

const SERVICE = 'lwi';

/** All that one operation may take, ms. */
export const KEYCHAIN_DEADLINE_MS = 3000;

/** macOS may show a written item only after a while (stripe/stripe-cli#1579: up to 1.5 s); between two looks, ms. */
const LOOK_AGAIN_MS = 100;

/**
 * Keys in the keychain of the system: service `lwi`, account `vault-<vaultId>-<keyId>`, so that no key ever overwrites
 * another. Every operation ends within 3 s and throws KEYCHAIN_UNAVAILABLE when the keychain cannot be used.
 */
export function keychainKey({ vaultId, clock, load = loadKeytar, onStuck }: KeychainOptions): KeyProvider {
  const place = `keychain (${SERVICE} / vault-${vaultId})`;
  const accountOf = (suffix: string) => `vault-${vaultId}-${suffix}`;
  let stuck = false;

  /** Runs `work` against the deadline; `alive` says whether it is still waited for. */
  async function bounded<T>(work: (keychain: Keychain, alive: AbortSignal) => Promise<T>): Promise<T> {
    // A second call would take one more thread of Node's pool of four and wait behind the first.
    if (stuck) throw timedOut(place);
    const ended = new AbortController();
    const running = load().then((keychain) => work(keychain, ended.signal));
    const late = clock.sleep(KEYCHAIN_DEADLINE_MS, ended.signal).then(() => {
      stuck = true;
      const free = () => {
        stuck = false;
      };
      running.then(free, free);
      onStuck?.();
      throw timedOut(place);
    });
    late.catch(() => {});
    running.catch(() => {});
    try {
      return await Promise.race([running, late]);
    } catch (error) {
      throw explainKeychain(error, place);
    } finally {
      ended.abort();
    }
  }

  /** A locked keychain may say that it has no item, but it takes none either. */
  async function assertWritable(keychain: Keychain): Promise<void> {
    await keychain.setPassword(SERVICE, accountOf('probe'), 'probe');
    await keychain.deletePassword(SERVICE, accountOf('probe'));
  }

  return {
    describe: () => place,

    async read(keyId) {
      if (keyId === undefined) return undefined;
      const text = await bounded(async (keychain) => {
        const found = await keychain.getPassword(SERVICE, accountOf(keyId));
        if (found === null) await assertWritable(keychain);
        return found;
      });
      return text === null ? undefined : parseKey(text, `What the ${place} holds`);
    },

    async write(key) {
      const account = accountOf(keyIdOf(key));
      const text = formatKey(key);
      await bounded(async (keychain, alive) => {
        await keychain.setPassword(SERVICE, account, text);
        while ((await keychain.getPassword(SERVICE, account)) !== text) await clock.sleep(LOOK_AGAIN_MS, alive);
      });
    },

    async remove(keyId) {
      await bounded((keychain) => keychain.deletePassword(SERVICE, accountOf(keyId)));
    },

    check: () => bounded(assertWritable),
  };
}

function timedOut(place: string): LwiError {
  return new LwiError(
    'KEYCHAIN_UNAVAILABLE',
    `The ${place} did not answer within ${KEYCHAIN_DEADLINE_MS} ms; it may be locked or wait for you.`,
  );
}

/** keytar is native and needs libsecret on Linux, so it is loaded only when a keychain is used. */
async function loadKeytar(): Promise<Keychain> {
  const { default: keytar } = await import('keytar');
  return keytar;
}
