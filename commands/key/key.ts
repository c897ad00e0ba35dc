import type { Define } from '../shared/define.ts';
import { define as generate } from './generate.ts';

export const define: Define = (parent, run, wanted) => {
  const key = parent.command('key').description('the key that seals the vault');
  if (wanted) generate(key, run, wanted);
};
