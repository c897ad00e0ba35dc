import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import type { Define } from '../shared/define.ts';

export const define: Define = (parent, run) => {
  parent.command('remove <provider> <name>').description('forget a secret').action(run(removeSecret));
};

async function removeSecret(context: Context, _options: unknown, id: string, name: string): Promise<undefined> {
  const { terminal } = context;
  const key = { account: await context.account(), provider: (await context.provider(id)).id, name };
  if (!(await (await context.store()).removeSecret(key))) {
    throw new LwiError('INPUT_INVALID', `The vault keeps no ${name} of ${key.provider} for account ${key.account}.`, {
      hint: 'Run `lwi secret list`.',
    });
  }
  if (terminal.json) return void terminal.document({ ...key, removed: true });
  terminal.out(`${terminal.style.good('removed')} ${key.provider} ${name} of account ${key.account}`);
}
