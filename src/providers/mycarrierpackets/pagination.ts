import { asNumber, asObject } from '../json-value.ts';

/** Where the pages stand, by the body and the header of an answer; the header goes before. */
export function pagination(
  body: unknown,
  header: string | undefined,
): Readonly<Record<'pageNumber' | 'totalPages' | 'totalCount', number | undefined>> {
  const source = { ...asObject(body), ...asObject(parsed(header)) };
  return {
    pageNumber: asNumber(source['pageNumber']),
    totalPages: asNumber(source['totalPages']),
    totalCount: asNumber(source['totalCount']),
  };
}

function parsed(header: string | undefined): unknown {
  try {
    return JSON.parse(header ?? 'null');
  } catch {
    return undefined;
  }
}
