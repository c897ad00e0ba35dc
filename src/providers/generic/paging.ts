import { dottedValue } from '../../dotted-path.ts';
import type { PageAnswer } from '../stream.ts';
import type { PageDefinition } from './definition.ts';
import { nextLink } from './link-header.ts';

/** A page as the pager sees it. */
export interface PageRead {
  readonly answer: PageAnswer;
  /** All rows of the page, also those that could not be read. */
  readonly rows: number;
}

/** What to ask for next: query parameters to change, or another URL (as the answer wrote it); undefined: it was the last. */
export type NextPage = { readonly query: Readonly<Record<string, string>> } | { readonly url: string } | undefined;

/** How a page type asks for the first page and reads which one is next. `next` may say what a broken server answered. */
export interface Pager {
  readonly first: Readonly<Record<string, string>>;
  /** Page numbers never repeat, so only the rows tell whether the server goes round in a circle. */
  readonly numbered: boolean;
  next(page: PageRead): NextPage | { readonly problem: string };
}

type Definition<Type extends PageDefinition['type']> = Extract<PageDefinition, { type: Type }>;

const PAGERS: { readonly [Type in PageDefinition['type']]: (definition: Definition<Type>) => Pager } = {
  none: () => ({ first: {}, numbered: false, next: () => undefined }),
  link: (definition) => ({
    first: sizeQuery(definition),
    numbered: false,
    next: ({ answer }) => {
      const url = nextLink(answer.headers['link']);
      return url === undefined ? undefined : { url };
    },
  }),
  cursor: (definition) => ({
    first: sizeQuery(definition),
    numbered: false,
    next: ({ answer }) => {
      const token = dottedValue(answer.body, definition.next);
      const more = definition.more === undefined ? true : dottedValue(answer.body, definition.more);
      // Taken for the end it would cut every list short, unseen, where the path is misspelt.
      if (more === undefined) return { problem: `there is no ${definition.more}` };
      if (isEnd(more) || isEnd(token)) return undefined;
      if (typeof token !== 'string' && typeof token !== 'number')
        return { problem: `${definition.next} is no page token` };
      return { query: { [definition.parameter]: String(token) } };
    },
  }),
  offset: (definition) => counted(definition, definition.first ?? 0, (at, rows) => at + rows),
  page: (definition) => counted(definition, definition.first ?? 1, (at) => at + 1),
};

/** The pager of a page definition; without one there is one page. */
export function pagerOf(definition: PageDefinition | undefined): Pager {
  const page = definition ?? { type: 'none' };
  return (PAGERS[page.type] as (definition: PageDefinition) => Pager)(page);
}

function counted(
  definition: Definition<'offset'> | Definition<'page'>,
  first: number,
  advance: (at: number, rows: number) => number,
): Pager {
  const { parameter, next: path } = definition;
  return {
    first: { ...sizeQuery(definition), [parameter]: String(first) },
    numbered: true,
    next: ({ answer, rows }) => {
      const at = Number(answer.request.query[parameter] ?? first);
      const told = path === undefined ? true : dottedValue(answer.body, path);
      if (rows === 0 || isEnd(told)) return undefined;
      const number =
        typeof told === 'number' || (typeof told === 'string' && /^\d+$/.test(told)) ? Number(told) : undefined;
      const next = number ?? advance(at, rows);
      if (!(next > at)) return { problem: `${path ?? parameter} does not advance: ${next} after ${at}` };
      return { query: { [parameter]: String(next) } };
    },
  };
}

/** What APIs write where no further page is: null, nothing, false, or empty text. */
function isEnd(value: unknown): boolean {
  return value === undefined || value === null || value === false || value === '';
}

function sizeQuery({ sizeParameter, size }: { sizeParameter?: string; size?: number }): Record<string, string> {
  return sizeParameter === undefined || size === undefined ? {} : { [sizeParameter]: String(size) };
}
