import type { Clock } from '../../src/clock.ts';
import type { Keychain } from '../../src/vault/keychain-key.ts';

/** A keychain in memory, for tests of what lwi does with one. */
export function memoryKeychain(items: Map<string, string> = new Map()): Keychain {
  const name = (service: string, account: string) => `${service} / ${account}`;
  return {
    getPassword: async (service, account) => items.get(name(service, account)) ?? null,
    setPassword: async (service, account, password) => {
      items.set(name(service, account), password);
    },
    deletePassword: async (service, account) => items.delete(name(service, account)),
  };
}

/** A clock that stands still; `pass(ms)` ends the sleeps that are over then. */
export function standingClock(): Clock & { pass(ms: number): void } {
  let now = 0;
  const sleepers = new Set<{ until: number; wake: () => void }>();
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const sleeper = { until: now + ms, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        });
      }),
    pass(ms) {
      now += ms;
      for (const sleeper of sleepers) {
        if (sleeper.until > now) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
    },
  };
}
