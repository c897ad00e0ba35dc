/**
 * A process that changes the key of a database and kills itself on the way: `node rotation-child.ts <database> <folder of keys>
 * <moment>`. Moments are those of the folder, `in-transaction` and `after-commit`.
 */
import { argv, kill, pid } from 'node:process';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { rotateKey } from '../../src/vault/rotate-key.ts';
import { NOW } from '../store/sample-rows.ts';
import { keyFolder } from './key-folder.ts';

const [path = '', folder = '', moment = ''] = argv.slice(2);
const at = (now: string) => {
  if (now === moment) kill(pid, 'SIGKILL');
};

const store = openSqliteStore(path, { now: () => NOW });
const place = keyFolder(folder, at);
let changed = 0;
await rotateKey({
  from: place,
  to: place,
  held: async () => true,
  store: {
    ...store,
    reseal: async (from, to, change) => {
      const resealed = await store.reseal(from, to, (envelope, where) => {
        if (++changed === 3) at('in-transaction');
        return change(envelope, where);
      });
      at('after-commit');
      return resealed;
    },
  },
});
await store.close();
