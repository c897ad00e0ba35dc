import type { Store } from '../store.ts';
import type { PostgresDatabase } from './database.ts';

export function metaTable(
  _db: PostgresDatabase,
): Pick<Store, 'vaultId' | 'vaultKeyId' | 'claimVaultKey' | 'vaultKeyNotes' | 'noteVaultKey'> {
  return {} as Pick<Store, 'vaultId' | 'vaultKeyId' | 'claimVaultKey' | 'vaultKeyNotes' | 'noteVaultKey'>;
}
