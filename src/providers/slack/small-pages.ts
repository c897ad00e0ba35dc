import type { PageRequest } from '../stream.ts';

/**
 * Since 29 May 2025 commercially distributed apps outside the Marketplace get at most 15 messages at once, whatever they ask for, once a minute
 * (docs.slack.dev changelog).
 */
const SMALL_PAGE = 15;

/** Says so when a page with more behind it has just as many. Nothing in an answer names the reason, so the sentence says what was seen. */
export function smallPages(request: PageRequest, rows: number, cursor: string | undefined): readonly string[] {
  if (cursor === undefined || rows !== SMALL_PAGE) return [];
  return [
    `Slack gave ${SMALL_PAGE} messages at once although ${request.query['limit']} were asked for, as it does to commercially distributed apps outside its Marketplace. Those may ask once a minute for each of histories and threads: expect ${SMALL_PAGE} messages a minute.`,
  ];
}
