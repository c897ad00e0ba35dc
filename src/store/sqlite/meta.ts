import { LwiError } from '../../errors.ts';
import { CLAIMED_KEY, KEY_NOTE, mayBecome } from '../key-states.ts';
import type { KeyState, Store } from '../store.ts';
import type { SqliteDatabase } from './database.ts';

type Methods = 'vaultId' | 'vaultKeyId' | 'claimVaultKey' | 'vaultKeyNotes' | 'noteVaultKey';

/** Identity of the database and of the keys that seal it: table `meta`. */
export function metaTable(db: SqliteDatabase): Pick<Store, Methods> {
  return {
    vaultId: () =>
      db.read(() => {
        const id = read(db, 'vault_id');
        if (id === undefined) throw new LwiError('STORE_DAMAGED', `${db.path}: the database has lost its identity`);
        return id;
      }),

    vaultKeyId: () => db.read(() => claimedKeyId(db)),

    claimVaultKey: (keyId) =>
      db.write(() => {
        db.statement('INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING').run(CLAIMED_KEY, keyId);
        return claimedKeyId(db) ?? keyId;
      }),

    vaultKeyNotes: () =>
      db.read(() =>
        db
          .statement<Row>('SELECT name, value FROM meta WHERE substr(name, 1, ?) = ? ORDER BY name')
          .all(KEY_NOTE.length, KEY_NOTE)
          .map(({ name, value }) => ({ keyId: name.slice(KEY_NOTE.length), state: value as KeyState })),
      ),

    noteVaultKey: (keyId, state) =>
      db.write(() => {
        if (claimedKeyId(db) === keyId || !mayBecome(keyState(db, keyId), state)) return false;
        write(db, KEY_NOTE + keyId, state);
        return true;
      }),
  };
}

/** Id of the key that the database is sealed with; for work inside a transaction. */
export function claimedKeyId(db: SqliteDatabase): string | undefined {
  return read(db, CLAIMED_KEY);
}

/** Makes `to` the claimed key in place of `from`; false when that may not be. For work inside a transaction. */
export function replaceClaimedKey(db: SqliteDatabase, from: string, to: string): boolean {
  if (claimedKeyId(db) !== from || keyState(db, to) !== 'made') return false;
  write(db, CLAIMED_KEY, to);
  write(db, KEY_NOTE + from, 'replaced');
  db.statement('DELETE FROM meta WHERE name = ?').run(KEY_NOTE + to);
  return true;
}

interface Row {
  readonly name: string;
  readonly value: string;
}

const keyState = (db: SqliteDatabase, keyId: string) => read(db, KEY_NOTE + keyId) as KeyState | undefined;

const read = (db: SqliteDatabase, name: string) =>
  db.statement<Row>('SELECT name, value FROM meta WHERE name = ?').get(name)?.value;

function write(db: SqliteDatabase, name: string, value: string): void {
  db.statement(
    'INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  ).run(name, value);
}
