import type { Define } from '../shared/define.ts';
import { define as get } from './get.ts';
import { define as inspect } from './inspect.ts';
import { define as list } from './list.ts';
import { define as refresh } from './refresh.ts';

export const define: Define = (parent, run, wanted) => {
  const token = parent.command('token').description('list, inspect, refresh and print access tokens');
  for (const verb of wanted ? [list, inspect, refresh, get] : []) verb(token, run, wanted);
};
