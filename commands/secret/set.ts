import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import { didYouMean } from '../../src/providers/nearest-name.ts';
import type { Define } from '../shared/define.ts';
import { SECRET_NAMES } from './secret-names.ts';

export const define: Define = (parent, run) => {
  parent
    .command('set [provider] [name]')
    .description(`keep one of ${SECRET_NAMES.join(', ')}; the value comes from stdin or a hidden prompt`)
    .action(run(setSecret));
};

async function setSecret(context: Context, _options: unknown, ...given: (string | undefined)[]): Promise<undefined> {
  const { anyProvider } = await import('../shared/asked-provider.ts');
  const { askedWords } = await import('../shared/asked-words.ts');
  const names = {
    argument: 'name',
    text: 'Which secret?',
    choices: async () => SECRET_NAMES.map((value) => ({ value })),
  };
  const [id = '', name = ''] = await askedWords(context, ['secret', 'set'], given, [anyProvider(context), names]);
  const { readSecret } = await import('../shared/read-secret.ts');
  const { keepSecret } = await import('../shared/keep-secret.ts');
  const { terminal } = context;
  const { variableName } = await import('../../src/oauth/app-credentials.ts');
  const key = { account: await context.account(), provider: (await context.provider(id)).id };
  if (!SECRET_NAMES.includes(name))
    throw new LwiError(
      'USAGE',
      `The name is none of a secret that lwi uses: ${SECRET_NAMES.join(', ')}.${didYouMean(name, SECRET_NAMES)}`,
      {
        hint: `Run \`lwi secret set ${key.provider} <name>\` and give the value on stdin.`,
      },
    );
  const value = await readSecret(context, `${id} ${name}:`, variableName(id, name));
  const fingerprint = await keepSecret(context, key, name, value);
  if (terminal.json) return void terminal.document({ ...key, name, fingerprint });
  terminal.out(
    `${terminal.style.good('kept')} ${key.provider} ${name} for account ${key.account} (fingerprint ${fingerprint})`,
  );
}
