import type { Define } from '../shared/define.ts';
import { define as explain } from './explain.ts';
import { limitsCommand } from './show.ts';

export const define: Define = (parent, run, wanted) => {
  const limits = parent
    .command('limits')
    .argument('[provider]')
    .usage('[options] [provider]')
    .description('how much of each limit is used, who waits, what the provider last said, and the circuits')
    .option('--reset', 'close the circuits and lift what the provider asked to wait for')
    .action(run(limitsCommand));
  for (const verb of wanted ? [explain] : []) verb(limits, run, wanted);
};
