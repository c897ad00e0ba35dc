import type { Context } from '../../src/context.ts';
import { accountOption, LwiError } from '../../src/errors.ts';
import type { StoredRecord } from '../../src/store/record-tables.ts';
import type { Define } from '../shared/define.ts';
import type { RecordChoice } from './record-choice.ts';
import { DELETED } from './row-options.ts';

interface Options {
  readonly deleted?: boolean;
}

export const define: Define = (parent, run) => {
  parent
    .command('get [provider] [entity] [id]')
    .description('the data of one record, as JSON')
    .option(...DELETED)
    .action(run(getRecord));
};

/** One record of one account; under --json with what is known of it. */
async function getRecord(context: Context, options: Options, ...given: (string | undefined)[]) {
  const [provider = '', entity = '', id = ''] = await wordsOf(context, given);
  const { terminal } = context;
  const { chooseRecords } = await import('./record-choice.ts');
  const { printableJson } = await import('../../src/printable.ts');
  const account = await context.account();
  const record = await find(context, await chooseRecords(context, { account, provider, entity }), id);
  const name = JSON.stringify(id.slice(0, 128));
  if (record === undefined) {
    throw new LwiError('NOT_FOUND', `${provider} ${entity} has no ${name} in the local store.`, {
      ...{ provider, account },
      hint: `Run \`lwi sync ${provider} --entity ${entity}${accountOption(account)}\`, or see \`lwi records list ${provider} ${entity}${accountOption(account)}\`.`,
    });
  }
  if (record.deleted && !options.deleted) {
    const how = record.deleted === 'absent' ? 'is no longer at the provider' : 'was deleted at the provider';
    throw new LwiError('NOT_FOUND', `${provider} ${entity} ${name} ${how}.`, {
      ...{ provider, account, hint: 'Run the command with --deleted to see what it was.' },
    });
  }
  if (terminal.json) {
    const { recordLine } = await import('./record-line.ts');
    return void terminal.raw(recordLine(record));
  }
  terminal.raw(`${printableJson(JSON.stringify(JSON.parse(record.data), undefined, 2))}\n`);
}

/** Where several companies of the account have one of this id: that of the connected company, else what came last. */
async function find(context: Context, { store, lists }: RecordChoice, id: string): Promise<StoredRecord | undefined> {
  const [first] = lists;
  if (!store || !first) return undefined;
  const connected = await store.connection(first);
  const found: StoredRecord[] = [];
  for (const list of lists) {
    context.signal.throwIfAborted();
    const record = await store.record(list, id);
    if (record) found.push(record);
  }
  const present = found.find(({ externalId }) => connected && externalId === (connected.externalId ?? ''));
  return present ?? found.toSorted((one, other) => other.storedAt - one.storedAt)[0];
}

/** Provider, entity and id; the first two chosen among what is stored where they are missing. */
async function wordsOf(context: Context, given: readonly (string | undefined)[]): Promise<string[]> {
  const { askedWords } = await import('../shared/asked-words.ts');
  const stored = async (of: 'provider' | 'entity', provider?: string) => {
    const account = await context.account();
    const lists = (await (await context.existingStore())?.recordLists({ account, provider })) ?? [];
    if (lists.length === 0) {
      const hint = `Run \`lwi sync${provider === undefined ? '' : ` ${provider}`}${accountOption(account)}\`.`;
      throw new LwiError('INPUT_INVALID', `Nothing to choose from is in the local store.`, { account, hint });
    }
    return [...new Set(lists.map((list) => list[of]))].map((value) => ({ value }));
  };
  const lookUp = '`lwi records count` shows what is there.';
  return askedWords(context, ['records', 'get'], given, [
    { argument: 'provider', text: 'A record of which provider?', lookUp, choices: () => stored('provider') },
    { argument: 'entity', text: 'Of which kind?', lookUp, choices: ([provider]) => stored('entity', provider) },
    { argument: 'id', text: 'Which id?', lookUp },
  ]);
}
