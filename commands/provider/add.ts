import type { Context } from '../../src/context.ts';
import type { Define } from '../shared/define.ts';

export const define: Define = (parent, run) => {
  parent
    .command('add')
    .description('add a provider of your own from a JSON definition')
    .option('--file <json>', 'the definition, or - for stdin')
    .option('--replace', 'replace a provider of the same id')
    .action(run(addProviderCommand));
};

async function addProviderCommand(context: Context, options: { file?: string; replace?: boolean }): Promise<undefined> {
  const { readInput } = await import('../shared/read-input.ts');
  const { terminal, paths } = context;
  const { addProvider } = await import('../../src/config-writer.ts');
  const { parseJson, parseProviderFile } = await import('../../src/config.ts');
  const { BUILT_IN } = await import('../../src/providers/registry.ts');
  const { askedWords } = await import('../shared/asked-words.ts');
  const question = { argument: 'json', text: 'Which file holds the definition?' };
  const [file = ''] = await askedWords(context, ['provider', 'add', '--file'], [options.file], [question]);
  const text = new TextDecoder().decode(await readInput(context, file));
  const definition = parseJson(file, text);
  const { id } = await parseProviderFile(file, definition);
  await addProvider(paths.config, definition, {
    builtIn: BUILT_IN.map((provider) => provider.id),
    replace: options.replace,
  });
  if (terminal.json) return void terminal.document({ provider: id, config: paths.config });
  terminal.out(`${terminal.style.good('added')} ${id} in ${paths.config}`);
  terminal.info(`next: lwi connect ${id}`);
}
