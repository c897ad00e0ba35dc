import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorCode } from '../../../src/errors.ts';
import { openScenario } from '../../support/scenario.ts';
import { changeStore, lockStore, queryStore } from '../../support/store-file.ts';
import { ON_POSTGRES } from '../../support/store-place.ts';
import { connected, type Provocation } from './provocation.ts';

const GET = ['token', 'get', 'mycarrierpackets'];
const CONNECT = ['connect', 'mycarrierpackets'];
const KEY = 'LWI_ENCRYPTION_KEY';

/** Gives every process of Node an SQLite that says it is an older one, at the border to what is compiled. */
const OLD_SQLITE = `
const load = require('node:module')._extensions['.node'];
require('node:module')._extensions['.node'] = (module, file) => {
  load(module, file);
  const { Database } = module.exports;
  if (Database === undefined) return;
  const { prepare } = Database.prototype;
  Database.prototype.prepare = function (...input) {
    input[0] = String(input[0]).replace('sqlite_version()', "'3.50.0'");
    return prepare.apply(this, input);
  };
};`;

export const STORAGE_ERRORS = {
  STORE_LOCKED: async () => {
    const lwi = await connected('mycarrierpackets');
    const unlock = lockStore(lwi.home);
    return {
      lwi,
      words: ['secret', 'set', 'slack', 'webhook-secret'],
      stdin: 'a-value',
      hint: /run the command again/,
      heal: unlock,
    };
  },
  STORE_FULL: async () => {
    const lwi = await connected('mycarrierpackets');
    if (!existsSync('/dev/full')) throw new Error('/dev/full is needed');
    return {
      lwi,
      words: GET,
      shell: '$LWI "$@" >/dev/full',
      hint: /^Free space on the disk/,
      changed: () => ({ shell: undefined }),
    };
  },
  STORE_DAMAGED: async () => {
    const lwi = await connected('mycarrierpackets');
    const file = join(lwi.home, 'lwi.db');
    const backup = join(lwi.cwd, 'backup.db');
    copyFileSync(file, backup);
    writeFileSync(file, readFileSync(file).subarray(0, 5000));
    return { lwi, words: GET, hint: /^Restore the database from a backup/, heal: () => copyFileSync(backup, file) };
  },
  STORE_READONLY: async () => {
    const lwi = await openScenario();
    lwi.write('home', 'a file in the place of the directory');
    return { lwi, words: CONNECT, hint: /directory/, heal: () => rmSync(lwi.home) };
  },
  STORE_TOO_NEW: async () => {
    const lwi = await connected('mycarrierpackets');
    // The newer lwi is one that knows this version.
    return { lwi, words: GET, hint: /^Use the newer version of lwi/, heal: outdate(lwi.home) };
  },
  STORE_UNFINISHED: async () => {
    const lwi = await connected('mycarrierpackets');
    const file = join(lwi.home, 'lwi.db');
    const place = join(lwi.cwd, 'origin of the copy.db');
    copyFileSync(file, place);
    const [row] = queryStore<{ value: string }>(lwi.home, "SELECT value FROM meta WHERE name = 'vault_id'");
    const note = JSON.stringify({ from: row?.value, place, startedAt: 0 });
    changeStore(lwi.home, `DELETE FROM oauth_tokens; INSERT INTO meta VALUES ('store_copy', '${note}')`);
    return { lwi, words: GET, hint: /^Run `lwi store copy --from '.*origin of the copy.db' --to .*lwi\.db`/ };
  },
  STORE_UNSAFE: async () => {
    const lwi = await connected('mycarrierpackets');
    const env = { NODE_OPTIONS: `--require=${lwi.write('old.cjs', OLD_SQLITE)}` };
    return { lwi, words: GET, env, hint: /^Install lwi again/, changed: () => ({ env: {} }) };
  },
  KEY_MISSING: async () => {
    const lwi = await connected('mycarrierpackets');
    const env = { [KEY]: undefined, LWI_ENCRYPTION_KEY_FILE: join(lwi.cwd, 'nowhere') };
    return {
      lwi,
      words: GET,
      env,
      hint: /^Set LWI_ENCRYPTION_KEY or LWI_ENCRYPTION_KEY_FILE/,
      changed: () => ({ env: { [KEY]: lwi.key } }),
    };
  },
  KEY_INVALID: async () => {
    const lwi = await openScenario();
    const changed = async () => ({ env: { [KEY]: (await lwi.run(['key', 'generate', '-q'])).stdout.trim() } });
    return { lwi, words: CONNECT, env: { [KEY]: 'too-short' }, hint: /^Make a key with `lwi key generate`/, changed };
  },
  KEY_WRONG: async () => {
    const lwi = await connected('mycarrierpackets');
    const env = { [KEY]: randomBytes(32).toString('base64') };
    return { lwi, words: GET, env, hint: /^Give the key that sealed this database/, changed: () => ({ env: {} }) };
  },
  VAULT_CORRUPT: async () => {
    const lwi = await connected('mycarrierpackets');
    const zeros = '00'.repeat(80);
    changeStore(
      lwi.home,
      `UPDATE oauth_tokens SET access_token_encrypted = ${ON_POSTGRES ? `'\\x${zeros}'` : `x'${zeros}'`}`,
    );
    return { lwi, words: GET, hint: /or run `lwi connect mycarrierpackets`\.$/ };
  },
  KEYCHAIN_UNAVAILABLE: async () => {
    const lwi = await openScenario();
    const env = { [KEY]: undefined };
    // What makes a key is for a shell, and the command again after it.
    const changed = (hint: string) => ({
      shell: `${(/`([^`]*lwi key[^`]*)`/.exec(hint)?.[1] ?? 'false').replaceAll(/\blwi key/g, '$LWI key')}; $LWI "$@"`,
    });
    return { lwi, words: CONNECT, env, hint: /lwi key generate/, changed };
  },
} satisfies Partial<Record<ErrorCode, Provocation>>;

/** Gives a store a schema that is newer than this lwi; undone by the function that is returned. */
function outdate(home: string): () => void {
  if (ON_POSTGRES) {
    changeStore(home, 'UPDATE schema_version SET compatible_with = compatible_with + 99');
    return () => changeStore(home, 'UPDATE schema_version SET compatible_with = compatible_with - 99');
  }
  const known = readFileSync(join(home, 'lwi.db')).readUInt32BE(60);
  const is = (version: number) => changeStore(home, `PRAGMA user_version = ${version}`);
  is(known + 1);
  return () => is(known);
}
