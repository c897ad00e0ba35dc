import type { Context } from '../../src/context.ts';
import type { Define } from '../shared/define.ts';

export const define: Define = (parent, run) => {
  parent
    .command('demo')
    .description('everything once against the mock, in a throw-away home, without any account')
    .action(run(demo));
};

async function demo(context: Context): Promise<number> {
  const { runDemo } = await import('./demo-script.ts');
  return runDemo(context);
}
