import { LwiError } from '../../errors.ts';
import type { Store } from '../store.ts';
import type { SqliteDatabase } from './database.ts';

/** Identity of the database and of the key that seals it: table `meta`. */
export function metaTable(db: SqliteDatabase): Pick<Store, 'vaultId' | 'vaultKeyId' | 'claimVaultKey'> {
  const value = (name: string) =>
    db.statement<{ value: string }>('SELECT value FROM meta WHERE name = ?').get(name)?.value;

  return {
    vaultId: () =>
      db.read(() => {
        const id = value('vault_id');
        if (id === undefined) throw new LwiError('STORE_DAMAGED', `${db.path}: the database has lost its identity`);
        return id;
      }),

    vaultKeyId: () => db.read(() => value('vault_key_id')),

    claimVaultKey: (keyId) =>
      db.write(() => {
        db.statement("INSERT INTO meta (name, value) VALUES ('vault_key_id', ?) ON CONFLICT DO NOTHING").run(keyId);
        return value('vault_key_id') ?? keyId;
      }),
  };
}
