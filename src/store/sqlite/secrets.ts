import { bytes } from '../connection-row.ts';
import { assertSealedWith } from '../sealed-with.ts';
import type { SealedSecret, SecretName, Store } from '../store.ts';
import type { SqliteDatabase } from './database.ts';
import { claimedKeyId } from './meta.ts';

interface Row {
  readonly account_id: string;
  readonly provider: string;
  readonly name: string;
  readonly value_encrypted: Uint8Array;
  readonly fingerprint: string;
  readonly updated_at: number;
}

const PUT = `
INSERT INTO secrets (account_id, provider, name, value_encrypted, fingerprint, updated_at) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (account_id, provider, name) DO UPDATE SET
  value_encrypted = excluded.value_encrypted, fingerprint = excluded.fingerprint, updated_at = excluded.updated_at`;
const ONE = 'SELECT * FROM secrets WHERE account_id = ? AND provider = ? AND name = ?';
const MANY = `
SELECT * FROM secrets WHERE account_id = :account AND (:provider IS NULL OR provider = :provider) ORDER BY provider, name`;

/** App credentials and webhook secrets, sealed: table `secrets`. */
export function secretsTable(db: SqliteDatabase): Pick<Store, 'putSecret' | 'secret' | 'secrets' | 'removeSecret'> {
  return {
    putSecret: ({ account, provider, name }, { sealed, fingerprint, updatedAt }) =>
      db.write(() => {
        assertSealedWith(claimedKeyId(db), [sealed]);
        db.statement(PUT).run(account, provider, name, sealed, fingerprint, updatedAt);
      }),

    secret: ({ account, provider, name }) =>
      db.read(() => {
        const row = db.statement<Row>(ONE).get(account, provider, name);
        return row && toSecret(row);
      }),

    secrets: ({ account, provider }) =>
      db.read(() =>
        db
          .statement<Row>(MANY)
          .all({ account, provider })
          .map((row) => ({ ...toName(row), ...toSecret(row) })),
      ),

    removeSecret: ({ account, provider, name }) =>
      db.write(
        () =>
          db
            .statement('DELETE FROM secrets WHERE account_id = ? AND provider = ? AND name = ?')
            .run(account, provider, name).changes === 1,
      ),
  };
}

const toName = (row: Row): SecretName => ({ account: row.account_id, provider: row.provider, name: row.name });

const toSecret = (row: Row): SealedSecret => ({
  sealed: bytes(row.value_encrypted),
  fingerprint: row.fingerprint,
  updatedAt: row.updated_at,
});
