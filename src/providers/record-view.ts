import type { Provider } from './provider.ts';

/** A view of the database over the live records of one stream, for people with a client of their own. */
export interface RecordView {
  /** `quickbooks_invoice`: lower-case words joined by `_`. */
  readonly name: string;
  readonly provider: string;
  /** Name of the stream, as the records have it. */
  readonly entity: string;
  /** Name -> dotted path in the data; stands between `VIEW_COLUMNS`. */
  readonly columns: Readonly<Record<string, string>>;
}

/** Columns that every view has. Those of a stream have other names. */
export const VIEW_COLUMNS: readonly string[] = ['account', 'company', 'id', 'updated_at', 'stored_at', 'data'];

/** One view for each stream. Where two streams would get the same name, the first has it. */
export function viewsOf({ id, streams }: Pick<Provider, 'id' | 'streams'>): readonly RecordView[] {
  const taken = new Set<string>();
  return streams.map(({ name: entity, columns }) => {
    const plural = words(`${id}_${entity}`);
    const names = [viewName(id, entity), plural, ...streams.map((_, at) => `${plural}_${at + 2}`)];
    const name = names.find((each) => !taken.has(each)) ?? plural;
    taken.add(name);
    return { name, provider: id, entity, columns };
  });
}

/** The provider and the singular of the stream: `mycarrierpackets`, `completed-packets` -> `mycarrierpackets_completed_packet`. */
export function viewName(provider: string, stream: string): string {
  return words(`${provider}_${singular(stream)}`);
}

const words = (name: string) => name.replaceAll('-', '_');

/**
 * The singular of a plural noun, by its ending: English names of records are regular enough. What ends like no plural stays as it is.
 */
function singular(noun: string): string {
  if (/[^aeiou]ies$/.test(noun)) return `${noun.slice(0, -3)}y`;
  if (/(ss|ch|sh|x|[^aeo]us)es$/.test(noun)) return noun.slice(0, -2);
  return /[^sui]s$/.test(noun) ? noun.slice(0, -1) : noun;
}
