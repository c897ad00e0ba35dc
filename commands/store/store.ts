import type { Define } from '../shared/define.ts';
import { define as copy } from './copy.ts';

export const define: Define = (parent, run, wanted) => {
  const store = parent.command('store').description('the database: a file, or PostgreSQL for many machines');
  for (const verb of wanted ? [copy] : []) verb(store, run, wanted);
};
