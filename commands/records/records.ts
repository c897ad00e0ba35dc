import type { Define } from '../shared/define.ts';
import { define as count } from './count.ts';
import { define as exportRecords } from './export.ts';
import { define as get } from './get.ts';
import { define as list } from './list.ts';

export const define: Define = (parent, run, wanted) => {
  const records = parent.command('records').description('read what was pulled, from the local store alone');
  for (const verb of wanted ? [list, get, count, exportRecords] : []) verb(records, run, wanted);
};
