import type { Define } from '../shared/define.ts';
import { define as exportKey } from './export.ts';
import { define as generate } from './generate.ts';
import { define as importKey } from './import.ts';
import { define as rotate } from './rotate.ts';
import { define as status } from './status.ts';

export const define: Define = (parent, run, wanted) => {
  const key = parent.command('key').description('the key that seals the vault');
  for (const verb of wanted ? [status, generate, rotate, exportKey, importKey] : []) verb(key, run, wanted);
};
