import type { Define } from '../shared/define.ts';
import { define as copy } from './copy.ts';
import { define as migrate } from './migrate.ts';
import { define as status } from './status.ts';

export const define: Define = (parent, run, wanted) => {
  const store = parent.command('store').description('the database: a file here, or PostgreSQL for many machines');
  for (const verb of wanted ? [status, migrate, copy] : []) verb(store, run, wanted);
};
