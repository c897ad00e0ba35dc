import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import type { NamedKey } from '../../src/vault/claimed-key.ts';
import type { Define } from '../shared/define.ts';

export const define: Define = (parent, run) => {
  parent
    .command('import [file]')
    .description('put a key that was exported into the keychain; - is stdin')
    .option('--key-file <path>', 'write it to this new file instead, for LWI_ENCRYPTION_KEY_FILE')
    .action(run(importKey));
};

async function importKey(context: Context, options: { keyFile?: string }, given?: string): Promise<undefined> {
  const { askedWords } = await import('../shared/asked-words.ts');
  const question = { argument: 'file', text: 'Which file was the key exported to?' };
  const [file = ''] = await askedWords(context, ['key', 'import'], [given], [question]);
  const { readInput } = await import('../shared/read-input.ts');
  const { readPassphrase } = await import('./passphrase.ts');
  const { openKeyBackup } = await import('../../src/vault/key-backup.ts');
  const { assertNoFile } = await import('../../src/vault/new-private-file.ts');
  const { keyFile } = options;
  if (keyFile === undefined) await refuseEnvironmentKey(context);
  else await assertNoFile(keyFile);
  const text = Buffer.from(await readInput(context, file)).toString('utf8');
  const passphrase = await readPassphrase(context, { twice: false, stdinTaken: file === '-' });
  const backup = await openKeyBackup(text, passphrase);
  if (keyFile === undefined) await toKeychain(context, backup);
  else await toFile(context, backup, keyFile);
}

async function toKeychain(context: Context, backup: NamedKey & { readonly vaultId: string }): Promise<void> {
  const { keyPlaces } = await import('./key-places.ts');
  const { storeKey } = await import('../../src/vault/claimed-key.ts');
  const { terminal } = context;
  const store = await context.store();
  const vaultId = await store.vaultId();
  const before = await store.vaultKeyId();
  assertFits(before, backup.keyId);
  const { keychain } = await keyPlaces(context, store);
  await storeKey(keychain, backup);
  const holds = await store.claimVaultKey(backup.keyId);
  if (holds !== backup.keyId) await keychain.remove?.(backup.keyId);
  assertFits(holds, backup.keyId);
  if (backup.vaultId !== vaultId) {
    terminal.warn('This key was exported from another database; it now belongs to this one too.');
  }
  const place = keychain.describe();
  if (terminal.json) return terminal.document({ keyId: backup.keyId, vaultId, place, claimed: before === undefined });
  terminal.out(`${terminal.style.good('imported')} key ${backup.keyId} into the ${place}`);
}

async function toFile(context: Context, { key, keyId }: NamedKey, keyFile: string): Promise<void> {
  const { formatKey } = await import('../../src/vault/encryption-key.ts');
  const { writeNewPrivateFile } = await import('../../src/vault/new-private-file.ts');
  const { terminal } = context;
  assertFits(await (await context.existingStore())?.vaultKeyId(), keyId);
  await writeNewPrivateFile(keyFile, `${formatKey(key)}\n`);
  if (terminal.json) return terminal.document({ keyId, keyFile });
  terminal.out(`${terminal.style.good('wrote')} key ${keyId} to ${keyFile}`);
  terminal.info(`Set LWI_ENCRYPTION_KEY_FILE=${keyFile}.`);
}

/** A key in the environment is obeyed by every command, so that one in the keychain would never be looked at. */
async function refuseEnvironmentKey({ host }: Context): Promise<void> {
  const { KEY_FILE_VARIABLE, KEY_VARIABLE } = await import('../../src/vault/environment-key.ts');
  const set = [KEY_VARIABLE, KEY_FILE_VARIABLE].find((variable) => host.env[variable] !== undefined);
  if (set === undefined) return;
  throw new LwiError('USAGE', `${set} is set, so that a key in the keychain would not be used.`, {
    hint: `Unset ${set}, or run the command with --key-file <path> to get a file for ${KEY_FILE_VARIABLE}.`,
  });
}

function assertFits(claimed: string | undefined, keyId: string): void {
  if (claimed === undefined || claimed === keyId) return;
  throw new LwiError('KEY_WRONG', `This database is sealed with key ${claimed}, and the backup holds key ${keyId}.`, {
    hint: 'Give the backup of that key, or choose the other database with --home or LWI_DATABASE_URL. Nothing was changed.',
  });
}
