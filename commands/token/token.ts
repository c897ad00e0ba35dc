import type { Define } from '../shared/define.ts';
import { define as get } from './get.ts';
import { define as inspect } from './inspect.ts';
import { define as list } from './list.ts';
import { define as refresh } from './refresh.ts';

export const define: Define = (parent, run) => {
  const token = parent.command('token').description('list, inspect, refresh and print access tokens');
  for (const verb of [list, inspect, refresh, get]) verb(token, run);
};
