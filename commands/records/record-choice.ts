import type { Context } from '../../src/context.ts';
import { accountOption, isLwiError, LwiError } from '../../src/errors.ts';
import { didYouMean } from '../../src/providers/nearest-name.ts';
import type { Provider } from '../../src/providers/provider.ts';
import type { RecordList } from '../../src/store/record-tables.ts';
import type { Store } from '../../src/store/store.ts';

/** What a command reads: lists of the store, whether their connections are still there or not. */
export interface RecordChoice {
  /** Undefined where no database is. */
  readonly store: Store | undefined;
  readonly lists: readonly RecordList[];
  /** Columns of the stream that a list belongs to; none for one that its provider no longer has. */
  columnsOf(list: Pick<RecordList, 'provider' | 'entity'>): Promise<Readonly<Record<string, string>>>;
}

/**
 * The lists of a provider and an entity, or of all; of `account`, or of all. Neither network nor key is needed. Throws PROVIDER_UNKNOWN, and USAGE for an entity
 * that neither the provider nor the store knows.
 */
export async function chooseRecords(
  context: Context,
  of: {
    readonly account: string | undefined;
    readonly provider?: string | undefined;
    readonly entity?: string | undefined;
  },
): Promise<RecordChoice> {
  const store = await context.existingStore();
  const stored = store ? await store.recordLists({ account: of.account, provider: of.provider }) : [];
  const provider = of.provider === undefined ? undefined : await providerIfKnown(context, of.provider, stored);
  if (of.entity !== undefined) assertEntity(of.entity, provider, stored);
  const elsewhere = await listsOfOtherEnvironments(context, store);
  const lists = stored.filter((list) => (of.entity ?? list.entity) === list.entity && !elsewhere(list));
  const columnsOf: RecordChoice['columnsOf'] = async (list) => {
    const found = await providerIfKnown(context, list.provider, stored);
    return found?.streams.find(({ name }) => name === list.entity)?.columns ?? {};
  };
  return { store, lists, columnsOf };
}

/** What to say where nothing was found, with the command that would change it. */
export function nothingPulled(account: string | undefined, provider = '', entity = ''): string {
  const what = [provider, entity].filter((word) => word !== '').join(' ');
  const words = ['lwi sync', provider, entity && `--entity ${entity}`].filter((word) => word !== '').join(' ');
  return `Nothing${what === '' ? '' : ` of ${what}`} is in the local store. Run \`${words}${accountOption(account)}\`.`;
}

/** A provider of the user's own may be gone while its records are still here. */
async function providerIfKnown(
  context: Context,
  id: string,
  stored: readonly RecordList[],
): Promise<Provider | undefined> {
  try {
    return await context.provider(id);
  } catch (error) {
    if (isLwiError(error, 'PROVIDER_UNKNOWN') && stored.some((list) => list.provider === id)) return undefined;
    throw error;
  }
}

function assertEntity(entity: string, provider: Provider | undefined, stored: readonly RecordList[]): void {
  const known = new Set([...(provider?.streams ?? []).map(({ name }) => name), ...stored.map((list) => list.entity)]);
  if (known.has(entity)) return;
  const id = provider?.id ?? stored[0]?.provider ?? '';
  const message = `${id} has no entity "${entity}": ${[...known].join(', ') || 'it has none'}.`;
  throw new LwiError('USAGE', `${message}${didYouMean(entity, [...known])}`, {
    hint: `Run \`lwi records count ${id}\` to see what is there.`,
  });
}

/**
 * Records do not say which environment they came from, their connection does. Where one was asked for, what is known to be of another is left out; what
 * is no longer connected stays.
 */
async function listsOfOtherEnvironments(
  context: Context,
  store: Store | undefined,
): Promise<(list: RecordList) => boolean> {
  const { env, explicit } = await context.env();
  const rows = explicit && store ? (await store.connections()).filter((row) => row.env !== env) : [];
  return ({ account, provider, externalId }) =>
    rows.some((row) => row.account === account && row.provider === provider && (row.externalId ?? '') === externalId);
}
