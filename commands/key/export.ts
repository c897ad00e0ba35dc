import type { Context } from '../../src/context.ts';
import type { Define } from '../shared/define.ts';

export const define: Define = (parent, run) => {
  parent
    .command('export [file]')
    .description('back up the key, sealed under a passphrase, to a new file or stdout')
    .action(run(exportKey));
};

/** Prints or writes the key of the database, sealed; the file is new and of mode 0600. */
async function exportKey(context: Context, _options: unknown, path?: string): Promise<undefined> {
  // As in `key import` and everywhere else; a file of that name is not what anybody means.
  const file = path === '-' ? undefined : path;
  const { keyPlaces, storeWithKey } = await import('./key-places.ts');
  const { readPassphrase } = await import('./passphrase.ts');
  const { claimedKey, requiredKeyId } = await import('../../src/vault/claimed-key.ts');
  const { sealKeyBackup } = await import('../../src/vault/key-backup.ts');
  const { assertNoFile, writeNewPrivateFile } = await import('../../src/vault/new-private-file.ts');
  const { terminal } = context;
  if (file !== undefined) await assertNoFile(file);
  const store = await storeWithKey(context);
  const keyId = await requiredKeyId(store);
  const key = await claimedKey((await keyPlaces(context, store)).inUse, keyId, store);
  const passphrase = await readPassphrase(context, { twice: true, stdinTaken: false });
  const vaultId = await store.vaultId();
  const backup = await sealKeyBackup(key, vaultId, passphrase);
  if (file === undefined) return void terminal.document(backup);
  await writeNewPrivateFile(file, `${JSON.stringify(backup, null, 2)}\n`);
  if (terminal.json) return void terminal.document({ file, vaultId, keyId });
  terminal.out(`${terminal.style.good('exported')} key ${keyId} to ${file}`);
  terminal.info('Keep it apart from copies of the database, and the passphrase apart from both.');
}
