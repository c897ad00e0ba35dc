import type { Context } from '../../src/context.ts';
import { type CassetteOptions, cassetteOptions, recordable } from '../shared/cassette.ts';
import type { Define } from '../shared/define.ts';
import type { RecordableContext } from '../shared/recordable.ts';
import type { ApiOptions, FieldOption } from './options.ts';

const collect = (value: string, before: readonly string[]) => [...before, value];

export const define: Define = (parent, run) => {
  let fields = 0;
  const field = (typed: boolean) => (text: string, before: readonly FieldOption[]) => {
    fields += 1;
    return [...before, { text, typed, place: fields }];
  };
  const command = parent
    .command('api [provider] [path]')
    .description("one authenticated request to the connection's own API; the body goes to stdout")
    .option('-X, --method <method>', 'HTTP method (default: GET, or POST with fields or --input)')
    .option('--query <k=v>', 'query parameter; repeatable', collect, [])
    .option('-H, --header <header>', 'header "Name: value"; repeatable', collect, [])
    .option(
      '-f, --field <k=v>',
      'text for the JSON body, with GET for the query; a[b]=v nests, a[]=v lists',
      field(false),
      [],
    )
    .option('-F, --typed-field <k=v>', 'the same; true, false, null, numbers and @file count as such', field(true), [])
    .option('--input <file>', 'body from a file, or - for stdin; fields then go into the query')
    .option('--paginate', 'all pages, one after the other, as the provider pages')
    .option('--slurp', 'with --paginate: all pages as one JSON array')
    .option('-i, --include', 'status and headers before the body')
    .option('-o, --output <file>', 'write to a private file, replaced only when all is there; -: stdout');
  cassetteOptions(command).action(run(askedApi));
};

async function api(context: RecordableContext, options: ApiOptions, id: string, path: string): Promise<number> {
  const { runApi } = await import('./run-api.ts');
  return runApi(context, options, id, path);
}

/** Asks before the world is one that is recorded or replayed: what is connected here says nothing about a recording. */
async function askedApi(
  context: Context,
  options: ApiOptions & CassetteOptions,
  ...given: (string | undefined)[]
): Promise<number | undefined> {
  const { connectedProvider } = await import('../shared/asked-provider.ts');
  const { askedWords } = await import('../shared/asked-words.ts');
  const [first] = given;
  const words = first?.startsWith('/') && given[1] === undefined ? [undefined, first] : given;
  const questions = [connectedProvider(context), { argument: 'path', text: 'Which path of the API?' }];
  const [id = '', path = ''] = await askedWords(context, ['api'], words, questions);
  return recordable(api)(context, options, id, path);
}
