import { bytes } from '../connection-row.ts';
import { assertSealedWith } from '../sealed-with.ts';
import type { SealedSecret, SecretName, Store } from '../store.ts';
import type { PostgresDatabase } from './database.ts';
import { claimedKeyId } from './meta.ts';

interface Row extends Omit<SealedSecret, 'sealed'>, SecretName {
  readonly sealed: Uint8Array;
}

const PUT = `
INSERT INTO secrets (account_id, provider, name, value_encrypted, fingerprint, updated_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (account_id, provider, name) DO UPDATE SET
  value_encrypted = excluded.value_encrypted, fingerprint = excluded.fingerprint, updated_at = excluded.updated_at`;
const SELECT = `
SELECT account_id AS account, provider, name, value_encrypted AS sealed, fingerprint, updated_at AS "updatedAt" FROM secrets
WHERE account_id = $1`;
const ONE = `${SELECT} AND provider = $2 AND name = $3`;
const MANY = `${SELECT} AND ($2::text IS NULL OR provider = $2) ORDER BY provider, name`;
const REMOVE = 'DELETE FROM secrets WHERE account_id = $1 AND provider = $2 AND name = $3';

/** App credentials and webhook secrets, sealed: table `secrets`. */
export function secretsTable(db: PostgresDatabase): Pick<Store, 'putSecret' | 'secret' | 'secrets' | 'removeSecret'> {
  return {
    putSecret: ({ account, provider, name }, { sealed, fingerprint, updatedAt }) =>
      db.write(async (tx) => {
        assertSealedWith(await claimedKeyId(tx), [sealed]);
        await tx.run(PUT, [account, provider, name, sealed, fingerprint, updatedAt]);
      }),

    secret: async ({ account, provider, name }) => {
      const row = await db.row<Row>(ONE, [account, provider, name]);
      return row && secretOf(row);
    },

    secrets: async ({ account, provider }) =>
      (await db.rows<Row>(MANY, [account, provider])).map((row) => ({ ...row, ...secretOf(row) })),

    removeSecret: async ({ account, provider, name }) => (await db.run(REMOVE, [account, provider, name])) === 1,
  };
}

const secretOf = ({ sealed, fingerprint, updatedAt }: Row): SealedSecret => ({
  sealed: bytes(sealed),
  fingerprint,
  updatedAt,
});
