import { LwiError } from '../../errors.ts';
import { CLAIMED_KEY, KEY_NOTE, mayBecome } from '../key-states.ts';
import type { KeyState, Store } from '../store.ts';
import type { PostgresDatabase, Queries } from './database.ts';

type Methods = 'vaultId' | 'vaultKeyId' | 'claimVaultKey' | 'vaultKeyNotes' | 'noteVaultKey';

const VAULT_ID = 'vault_id';
const READ = 'SELECT value FROM meta WHERE name = $1';

/** Identity of the database and of the keys that seal it: table `meta`. */
export function metaTable(db: PostgresDatabase): Pick<Store, Methods> {
  return {
    vaultId: async () => {
      const id = await read(db, VAULT_ID);
      if (id === undefined) throw new LwiError('STORE_DAMAGED', `${db.place}: the database has lost its identity`);
      return id;
    },

    vaultKeyId: () => read(db, CLAIMED_KEY),

    claimVaultKey: async (keyId) => {
      const sql = 'INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING';
      if ((await db.run(sql, [CLAIMED_KEY, keyId])) === 1) return keyId;
      return (await read(db, CLAIMED_KEY)) ?? keyId;
    },

    vaultKeyNotes: async () => {
      const sql = 'SELECT name, value FROM meta WHERE starts_with(name, $1) ORDER BY name';
      const rows = await db.rows<Row>(sql, [KEY_NOTE]);
      return rows.map(({ name, value }) => ({ keyId: name.slice(KEY_NOTE.length), state: value as KeyState }));
    },

    noteVaultKey: (keyId, state) =>
      db.write(async (tx) => {
        await oneAtATime(tx);
        if ((await read(tx, CLAIMED_KEY)) === keyId || !mayBecome(await keyState(tx, keyId), state)) return false;
        await write(tx, KEY_NOTE + keyId, state);
        return true;
      }),
  };
}

/**
 * Id of the key that the database is sealed with. It stays so until the transaction ends: whoever changes the key waits, and whoever comes after a change sees
 * the new one.
 */
export async function claimedKeyId(tx: Queries): Promise<string | undefined> {
  return (await tx.row<Row>(`${READ} FOR SHARE`, [CLAIMED_KEY]))?.value;
}

/** Makes `to` the claimed key in place of `from`; false when that may not be. Whoever stores ciphertexts waits until the transaction ends. */
export async function replaceClaimedKey(tx: Queries, from: string, to: string): Promise<boolean> {
  await oneAtATime(tx);
  const claimed = (await tx.row<Row>(`${READ} FOR UPDATE`, [CLAIMED_KEY]))?.value;
  if (claimed !== from || (await keyState(tx, to)) !== 'made') return false;
  await write(tx, CLAIMED_KEY, to);
  await write(tx, KEY_NOTE + from, 'replaced');
  await tx.run('DELETE FROM meta WHERE name = $1', [KEY_NOTE + to]);
  return true;
}

interface Row {
  readonly name: string;
  readonly value: string;
}

/** Changes of keys wait for each other; what is read afterwards is what the one before has left. */
async function oneAtATime(tx: Queries): Promise<void> {
  await tx.row(`${READ} FOR UPDATE`, [VAULT_ID]);
}

const keyState = async (tx: Queries, keyId: string) => (await read(tx, KEY_NOTE + keyId)) as KeyState | undefined;

const read = async (on: Queries, name: string) => (await on.row<Row>(READ, [name]))?.value;

async function write(tx: Queries, name: string, value: string): Promise<void> {
  const sql = 'INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value';
  await tx.run(sql, [name, value]);
}
