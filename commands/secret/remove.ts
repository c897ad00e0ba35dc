import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import type { Define } from '../shared/define.ts';

export const define: Define = (parent, run) => {
  parent.command('remove [provider] [name]').description('forget a secret').action(run(removeSecret));
};

async function removeSecret(context: Context, _options: unknown, ...given: (string | undefined)[]): Promise<undefined> {
  const { terminal, prompt } = context;
  const [id = '', name = ''] = await wordsOf(context, given);
  const key = { account: await context.account(), provider: (await context.provider(id)).id, name };
  // Who did not name it did not say that it is to go, either.
  const asked = given[0] === undefined || given[1] === undefined;
  if (asked && !(await prompt.confirm(`Forget ${key.provider} ${name} of account ${key.account}?`, '<name>'))) {
    throw new LwiError('INPUT_NEEDED', 'Nothing was removed.', {
      hint: 'Answer yes, or name the provider and the secret.',
    });
  }
  if (!(await (await context.store()).removeSecret(key))) {
    throw new LwiError('INPUT_INVALID', `The vault keeps no ${name} of ${key.provider} for account ${key.account}.`, {
      hint: 'Run `lwi secret list`.',
    });
  }
  if (terminal.json) return void terminal.document({ ...key, removed: true });
  terminal.out(`${terminal.style.good('removed')} ${key.provider} ${name} of account ${key.account}`);
}

/** Provider and name, chosen among what the vault keeps where they are missing. */
async function wordsOf(context: Context, given: readonly (string | undefined)[]): Promise<string[]> {
  const { askedWords } = await import('../shared/asked-words.ts');
  const kept = async (provider?: string) => {
    const account = await context.account();
    const rows = (await (await context.existingStore())?.secrets({ account, provider })) ?? [];
    if (rows.length > 0) return rows;
    throw new LwiError(
      'INPUT_INVALID',
      `The vault keeps no secrets${provider ? ` of ${provider}` : ''} for account ${account}.`,
      {
        hint: 'Run `lwi secret list`.',
      },
    );
  };
  const lookUp = '`lwi secret list` shows what is kept.';
  return askedWords(context, ['secret', 'remove'], given, [
    {
      ...{ argument: 'provider', text: 'A secret of which provider?', lookUp },
      choices: async () => [...new Set((await kept()).map(({ provider }) => provider))].map((value) => ({ value })),
    },
    {
      ...{ argument: 'name', text: 'Which secret?', lookUp },
      choices: async ([provider]) =>
        (await kept(provider)).map(({ name, fingerprint }) => ({ value: name, about: `fingerprint ${fingerprint}` })),
    },
  ]);
}
