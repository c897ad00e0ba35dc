/**
 * A process that uses the keychain as lwi does: `node keychain-child.ts <verb> <argument…>`. It prints one JSON line, the
 * result or the error, and leaves by process.exit with the exit code that lwi would have.
 */
import process, { argv, exit } from 'node:process';
import { systemClock } from '../../src/clock.ts';
import { isLwiError } from '../../src/errors.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { parseKey } from '../../src/vault/encryption-key.ts';
import { keyIdOf } from '../../src/vault/envelope.ts';
import { keychainKey } from '../../src/vault/keychain-key.ts';
import { exitPastStuckThread } from '../../src/vault/stuck-exit.ts';
import { openVault } from '../../src/vault/vault.ts';

const AT = { account: 'acme', provider: 'slack', column: 'access_token_encrypted', row: 'r1' };

const provider = (vaultId: string) =>
  keychainKey({ vaultId, clock: systemClock, onStuck: () => exitPastStuckThread(process) });

async function withVault<T>(path: string, work: (vault: ReturnType<typeof openVault>) => Promise<T>): Promise<T> {
  const store = openSqliteStore(path, systemClock);
  try {
    return await work(openVault({ keyProvider: provider(await store.vaultId()), store }));
  } finally {
    await store.close();
  }
}

const [verb = '', first = '', second = ''] = argv.slice(2);

const VERBS: Readonly<Record<string, () => Promise<unknown>>> = {
  read: async () => {
    const key = await provider(first).read(second);
    return key === undefined ? 'absent' : keyIdOf(key);
  },
  write: async () => {
    const key = parseKey(second, 'argument');
    await provider(first).write?.(key);
    return keyIdOf(key);
  },
  remove: async () => {
    await provider(first).remove?.(second);
    return 'removed';
  },
  check: async () => {
    await provider(first).check?.();
    return 'works';
  },
  /** Seals `second` with the vault of the database `first`, in hexadecimal. */
  seal: () => withVault(first, async (vault) => Buffer.from(await vault.seal(second, AT)).toString('hex')),
  open: () => withVault(first, async (vault) => (await vault.open(Buffer.from(second, 'hex'), AT)).reveal()),
};

let code = 0;
try {
  process.stdout.write(`${JSON.stringify(await VERBS[verb]?.())}\n`);
} catch (error) {
  if (!isLwiError(error)) throw error;
  process.stdout.write(`${JSON.stringify({ code: error.code, message: error.message })}\n`);
  code = error.exitCode;
}
exit(code);
