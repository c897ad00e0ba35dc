import { asArray, asObject, asText } from '../json-value.ts';
import type { Bundled, BundlePart, PageRequest } from '../stream.ts';
import { groupsOf, MOST_CHANGES } from './change-data.ts';
import { PAGE_SIZE } from './query.ts';

/** Most items of a batch (developer.intuit.com limits page; an older page says 10). */
const MOST_ITEMS = 30;
/** A batch of counts and one of pages are two requests: for two tables that saves nothing. */
const FEWEST_ITEMS = 3;
/** Entities whose windows begin this close together share one call of the change feed, ms: the earliest counts for all. */
const SAME_TIME_MS = 3_600_000;

type Place = { readonly place: number; readonly request: PageRequest; readonly total: number | undefined };

/**
 * Puts first requests together: change data of several entities into one call, counts into one batch, and small tables, whose rows fit into one page
 * together, into another. Source: developer.intuit.com, change data capture and batch; singer-io/tap-quickbooks CHANGELOG 2.4.0 reads by batched queries.
 */
export function bundle(parts: readonly BundlePart[]): Bundled | undefined {
  const places = parts.map(({ request, total }, place): Place => ({ place, request, total }));
  const of = (feed: string) => places.filter(({ request }) => asObject(request.state)['feed'] === feed);
  return changes(of('changes')) ?? batch(of('count').slice(0, MOST_ITEMS)) ?? batch(small(of('query')));
}

function changes(all: readonly Place[]): Bundled | undefined {
  const sorted = all.toSorted((a, b) => sinceOf(a) - sinceOf(b));
  const [first] = sorted;
  if (!first) return undefined;
  const near = sorted.filter((each) => sinceOf(each) - sinceOf(first) <= SAME_TIME_MS);
  if (near.length < 2) return sorted.length > near.length ? changes(sorted.slice(near.length)) : undefined;
  const names = near.map(({ request }) => request.query['entities'] ?? '');
  return {
    request: { ...first.request, query: { ...first.request.query, entities: names.join(',') } },
    parts: near.map(({ place }) => place),
    split: (body) => splitChanges(body, near, names),
  };
}

/** Where the limit of an answer was reached, nobody knows whose rows are missing: each asks by itself. */
function splitChanges(body: unknown, near: readonly Place[], names: readonly string[]): ReturnType<Bundled['split']> {
  const groups = groupsOf(body).map(asObject);
  const rows = (name: string) => groups.flatMap((group) => asArray(group[name]));
  const count = names.reduce((sum, name) => sum + rows(name).length, 0);
  if (count >= MOST_CHANGES) return [];
  return near.map(({ request }, at) => {
    const name = names[at] ?? '';
    return { request, body: { CDCResponse: [{ QueryResponse: [{ [name]: rows(name) }] }] } };
  });
}

const sinceOf = ({ request }: Place): number => Number(asObject(request.state)['since']);

/** The smallest tables, as many as give one page of rows together. */
function small(all: readonly Place[]): readonly Place[] {
  const taken: Place[] = [];
  let rows = 0;
  for (const each of all.toSorted((a, b) => (a.total ?? PAGE_SIZE) - (b.total ?? PAGE_SIZE))) {
    rows += each.total ?? PAGE_SIZE;
    if (rows >= PAGE_SIZE || taken.length === MOST_ITEMS) break;
    taken.push(each);
  }
  return taken;
}

/** An item that failed comes with a Fault in the place of its answer: it is asked again by itself, so that its error is told as its own. */
function batch(places: readonly Place[]): Bundled | undefined {
  const [first] = places;
  if (!first || places.length < FEWEST_ITEMS) return undefined;
  const items = places.map(({ request }, at) => ({ bId: String(at), Query: request.query['query'] }));
  return {
    request: {
      method: 'POST',
      path: first.request.path.replace(/\/query$/, '/batch'),
      query: {},
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ BatchItemRequest: items }),
    },
    parts: places.map(({ place }) => place),
    split: (body) => {
      const answers = asArray(asObject(body)['BatchItemResponse']).map(asObject);
      return places.map(({ request }, at) => {
        const own = answers.find((item) => asText(item['bId']) === String(at))?.['QueryResponse'];
        return own === undefined ? undefined : { request, body: { QueryResponse: own } };
      });
    },
  };
}
