import type { Define } from '../shared/define.ts';
import { define as add } from './add.ts';
import { define as check } from './check.ts';
import { define as list } from './list.ts';
import { define as show } from './show.ts';

export const define: Define = (parent, run, wanted) => {
  const provider = parent.command('provider').description('what lwi knows of providers, and providers of your own');
  for (const verb of wanted ? [list, show, add, check] : []) verb(provider, run, wanted);
};
