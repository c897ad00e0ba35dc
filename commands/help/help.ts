import type { Define } from '../shared/define.ts';
import { TOPIC_NAMES } from './topic-names.ts';

export const define: Define = (parent, run) => {
  parent
    .command('help [words...]')
    .usage('[<command>|<topic>|<error code>]')
    .description('print help for a command, a topic or an error code')
    .addHelpText('after', `\nTopics: ${TOPIC_NAMES.join(', ')}.`)
    .action(
      run(async (context, _options: unknown, words: readonly string[]) => {
        const { runHelp } = await import('./run-help.ts');
        return runHelp(context, parent, words);
      }),
    );
};
