import type { Context } from '../../src/context.ts';
import { accountOption, LwiError } from '../../src/errors.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { askedWords, type Question } from './asked-words.ts';

/** The provider that a command is for: the given one, or the answer to `question`. Throws like `askedWords`. */
export async function askedProvider(
  context: Context,
  command: readonly string[],
  given: string | undefined,
  question: Question,
): Promise<string> {
  const [provider = ''] = await askedWords(context, command, [given], [question]);
  return provider;
}

/** Any provider that lwi knows and that `fits`. */
export function anyProvider(context: Context, fits: (provider: Provider) => boolean = () => true): Question {
  return {
    ...{ argument: 'provider', text: 'Which provider?', lookUp: '`lwi provider list` names them.' },
    choices: async () => (await context.providers()).filter(fits).map(({ id, title }) => ({ value: id, about: title })),
  };
}

/**
 * One that the chosen account is connected to, in the environment that was asked for. With `takeOnly`, a single one is not asked for. The choices throw NOT_CONNECTED
 * where there is none.
 */
export function connectedProvider(context: Context, { takeOnly = false } = {}): Question {
  return {
    ...{ argument: 'provider', text: 'Which connection?', takeOnly, lookUp: '`lwi status` shows what is connected.' },
    choices: async () => {
      const account = await context.account();
      const rows = (await context.existingConnections()).filter((row) => row.account === account);
      if (rows.length === 0) {
        throw new LwiError('NOT_CONNECTED', `Account ${account} is not connected to anything.`, {
          ...{ account, hint: `Run \`lwi connect <provider>${accountOption(account)}\`.` },
        });
      }
      return rows.map(({ provider, env, externalName }) => ({
        value: provider,
        about: externalName === undefined ? `(${env})` : `${externalName} (${env})`,
      }));
    },
  };
}
