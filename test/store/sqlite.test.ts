import { join } from 'node:path';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { describeStore } from './contract.ts';
import { NOW } from './sample-rows.ts';
import { temporaryDirectory } from './temporary-directory.ts';

describeStore('SQLite', async () => {
  const path = join(temporaryDirectory(), 'lwi.db');
  return { open: async (now = () => NOW) => openSqliteStore(path, { now }) };
});
