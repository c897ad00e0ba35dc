import type { Define } from '../shared/define.ts';
import { define as explain } from './explain.ts';

export const define: Define = (parent, run, wanted) => {
  const limits = parent.command('limits').description('say what headers tell of rate limits');
  for (const verb of wanted ? [explain] : []) verb(limits, run, wanted);
};
