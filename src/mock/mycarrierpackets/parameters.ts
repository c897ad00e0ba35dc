/** Parameters of one call; ASP.NET binds their names whatever the case, so they are kept in lower case. */
export type Parameters = ReadonlyMap<string, string>;

export function readParameters(url: string): Parameters {
  return new Map([...new URL(url).searchParams].map(([name, value]) => [name.toLowerCase(), value]));
}

/** A page by number; `state` is what X-Pagination or the body says of it. */
export function readPage(parameters: Parameters, totalCount: number, usual: number, most: number) {
  const number = Number(parameters.get('pagenumber') ?? 1);
  const wanted = Number(parameters.get('pagesize') ?? usual);
  // Nonsense is not refused but silently replaced (IntegrationGuide; Swagger "v1").
  const pageNumber = Number.isInteger(number) && number >= 1 ? number : 1;
  const pageSize = Number.isInteger(wanted) && wanted >= 1 && wanted <= most ? wanted : usual;
  const state = { pageNumber, pageSize, totalPages: Math.ceil(totalCount / pageSize), totalCount };
  return { offset: (pageNumber - 1) * pageSize, size: pageSize, state };
}

/** Whether a page is asked for; where the header tells of pages, everything comes at once without it (Swagger "v1"). */
export function asksForPage(parameters: Parameters): boolean {
  return parameters.has('pagenumber') || parameters.has('pagesize');
}

/** `fromDate` to `toDate`, both inclusive, ms; undefined when one is missing (and `until` does not stand in for `toDate`) or no date. */
export function readWindow(parameters: Parameters, until?: number): { from: number; to: number } | undefined {
  const from = readDate(parameters.get('fromdate') ?? '');
  const given = parameters.get('todate') ?? '';
  const to = given === '' ? until : readDate(given);
  return from === undefined || to === undefined ? undefined : { from, to };
}

/** A date or time; without a zone it is UTC. */
function readDate(text: string): number | undefined {
  const match = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?)?(Z|[+-]\d\d:\d\d)?$/.exec(text);
  if (match === null) return undefined;
  const at = Date.parse(match[1] !== undefined && match[4] === undefined ? `${text}Z` : text);
  return Number.isNaN(at) ? undefined : at;
}
