import { describe, expect, test } from 'vitest';
import type { KnownNames } from '../../commands/completion/known-names.ts';
import { offersAt } from '../../commands/completion/offers-at.ts';
import { readTypedLine } from '../../commands/completion/typed-line.ts';
import { ERROR_KINDS } from '../../src/errors.ts';
import { BUILT_IN } from '../../src/providers/registry.ts';
import { commandTree } from '../reference/commands-page.ts';

const program = commandTree();

/** A home in which Slack is connected. Notes what is asked. */
function names(asked: string[] = []): KnownNames {
  return {
    providers: async () => BUILT_IN,
    connected: async () => ['slack'],
    accounts: async () => [{ word: 'acme', about: 'slack' }],
    events: async ({ provider, key }) => {
      asked.push(`events ${provider} ${key}`);
      return [{ word: 'Ev1', about: 'slack message' }];
    },
    secrets: async (provider) => [{ word: `secret-of-${provider}`, about: '' }],
    close: async () => {},
  };
}

/** The words of a line; what stands behind the last blank is under the cursor. */
async function offered(line: string, known = names()) {
  const { words, files } = await offersAt(readTypedLine(program, line.split(' ')), known);
  return [...words.map(({ word }) => word), ...(files ? ['<files>'] : [])];
}

describe('what is offered', () => {
  const STATES = ['received', 'delivering', 'delivered', 'applied', 'failed'];
  const ENTITIES = (BUILT_IN.find(({ id }) => id === 'slack')?.streams ?? []).map(({ name }) => name);
  test.each<readonly [line: string, words: readonly string[]]>([
    ['token ', ['list', 'inspect', 'refresh', 'get']],
    ['-q --env mock -a acme token ', ['list', 'inspect', 'refresh', 'get']],
    ['token --json ', ['list', 'inspect', 'refresh', 'get']],
    ['help errors ', Object.keys(ERROR_KINDS)],
    ['help errors USAGE ', []],
    ['help environment ', []],
    ['help token ', ['list', 'inspect', 'refresh', 'get']],
    ['token get ', ['slack', 'quickbooks', 'mycarrierpackets']],
    ['token get slack ', []],
    ['connect ', ['quickbooks', 'slack', 'mycarrierpackets']],
    ['provider show ', ['quickbooks', 'slack', 'mycarrierpackets']],
    ['mock slack ', ['quickbooks', 'mycarrierpackets']],
    ['limits ', ['explain', 'slack', 'quickbooks', 'mycarrierpackets']],
    ['status --env ', ['production', 'sandbox', 'mock']],
    ['status --env=', ['production', 'sandbox', 'mock']],
    ['status -a ', ['acme']],
    ['status -aac', ['acme']],
    ['status -qaac', ['acme']],
    ['-qa acme token ', ['list', 'inspect', 'refresh', 'get']],
    ['-qa ', ['acme']],
    ['sync --output ', ['table', 'json', 'jsonl', 'singer']],
    ['records export --format ', ['jsonl', 'csv']],
    ['records export -o ', ['<files>']],
    ['records list slack ', ENTITIES],
    ['records list ', ['slack', 'quickbooks', 'mycarrierpackets']],
    ['sync --entity ', ENTITIES],
    ['sync slack --entity users ', ENTITIES],
    ['sync slack --since ', []],
    ['webhook list --state ', STATES],
    ['webhook show ', ['Ev1']],
    ['webhook replay ', ['Ev1', '<files>']],
    ['webhook replay Ev1 ', ['<files>']],
    ['webhook replay --order ', ['received', 'given', 'newest']],
    ['webhook verify ', ['slack', 'quickbooks', 'mycarrierpackets', '<files>']],
    ['webhook verify --scheme slack ', ['<files>']],
    ['webhook trigger quickbooks --format ', ['cloudevents', 'legacy']],
    ['connect slack --as ', ['bot', 'user']],
    ['secret set slack ', ['client-id', 'client-secret', 'webhook-secret', 'username', 'password']],
    ['secret remove slack ', ['secret-of-slack']],
    ['api slack ', []],
    ['exec slack -- ', ['<files>']],
    ['exec slack -- --env ', ['<files>']],
    ['completion ', ['bash', 'zsh', 'fish', 'powershell']],
    ['provider add --file ', ['<files>']],
    ['--home ', ['<files>']],
    ['nonsense ', []],
  ])('%s', async (line, words) => expect(await offered(line)).toEqual(words));

  test('help is offered for commands, topics and error codes, each once', async () => {
    const words = await offered('help ');
    expect(words.slice(0, 2)).toEqual((await offered('')).slice(0, 2));
    expect(words).toEqual(expect.arrayContaining(['smoke', 'exit-codes', 'errors', 'limits', 'KEY_WRONG']));
    expect(new Set(words).size).toBe(words.length);
  });

  test('options of the command and those of every command, each once; the version only where it counts', async () => {
    const options = await offered('sync -');
    expect(options).toEqual(expect.arrayContaining(['--entity', '--help', '--account', '--json']));
    expect(new Set(options).size).toBe(options.length);
    expect([options.includes('--version'), (await offered('--')).includes('--version')]).toEqual([false, true]);
  });

  test.each(['-aacme', '-a acme', '-qvaacme', '-qa acme', '-a other -aacme', '--account=other -a acme'])(
    'the account of a line with %s',
    (typed) => {
      const { values, command } = readTypedLine(program, `${typed} token get `.split(' '));
      expect([values['account'], command.name()]).toEqual(['acme', 'get']);
    },
  );

  test('an event is looked for by what is typed of it and by the provider on the line', async () => {
    const asked: string[] = [];
    await offered('webhook show --provider slack Ev', names(asked));
    expect(asked).toEqual(['events slack Ev']);
  });
});

test.each(['webhook list --state ', 'webhook replay --order ', 'sync --output ', 'records export --format ', '--env '])(
  'what is offered for %s stands in its help',
  async (line) => {
    const typed = readTypedLine(program, line.split(' '));
    const about = typed.expected.kind === 'value' ? typed.expected.option.description : '';
    const words = await offered(line);
    expect(words.length).toBeGreaterThan(1);
    for (const word of words) expect(about).toContain(word);
  },
);
