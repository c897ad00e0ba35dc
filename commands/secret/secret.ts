import type { Define } from '../shared/define.ts';
import { define as list } from './list.ts';
import { define as remove } from './remove.ts';
import { define as set } from './set.ts';

export const define: Define = (parent, run, wanted) => {
  const secret = parent.command('secret').description('keep app credentials and webhook secrets in the vault');
  for (const verb of wanted ? [set, list, remove] : []) verb(secret, run, wanted);
};
