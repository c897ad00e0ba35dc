import { asArray, asObject, asText } from '../json-value.ts';
import type { Json, Page, PageAnswer, PageRequest, Stream, SyncWindow } from '../provider.ts';
import { channelsRequest } from './channels.ts';
import { listRequest, nextCursor, nextPage, rowsOf } from './cursor.ts';
import { readMessages, threadsOf, tsOfInstant } from './message.ts';

const DAY_MS = 86_400_000;

/**
 * `oldest` filters by creation, so edits and deletions come back only where the window reaches far enough behind. singer-io/tap-slack looks
 * back 14 days; two days keep a frequent sync within the limit of 50 calls a minute, and webhooks tell of older edits.
 */
const LOOK_BACK_MS = 2 * DAY_MS;

/** A history still to be read: of a channel, or of one thread in it. */
interface Task {
  readonly channel: string;
  /** `ts` of the first message of the thread. */
  readonly thread?: string;
}

/**
 * Messages of the channels that the token is a member of: the channels are listed first, then each history is read, and the replies of each
 * thread that has some. Histories of other channels would be refused (`not_in_channel`). What is left to read travels in the request.
 * Source: docs.slack.dev conversations.history, conversations.replies; singer-io/tap-slack `tap_slack/streams.py`.
 */
export const messages: Stream = {
  name: 'messages',
  overlapMs: LOOK_BACK_MS,
  // How long a cursor lives is not documented.
  resumable: false,
  minIntervalMs: 0,
  absence: 'pages',
  columns: {},
  start: ({ since }) => ({
    request: { ...channelsRequest(), state: { step: 'channels', tasks: [] } },
    coverage:
      since === undefined
        ? []
        : [
            'Slack finds messages by the time of writing: edits, deletions and replies that concern messages from before this window are not covered.',
          ],
  }),
  parse: (page) => (asObject(page.request.state)['step'] === 'channels' ? parseChannels(page) : parseHistory(page)),
};

function parseChannels(page: PageAnswer): Page {
  const mine = rowsOf(page.body, 'channels')
    .map(asObject)
    .filter((channel) => channel['is_member'] === true);
  const found = mine.flatMap((channel) => asText(channel['id']) ?? []).map((channel) => ({ channel }));
  const tasks = [...tasksOf(page.request), ...found];
  const more = nextPage(page);
  const next = more ? { ...more, state: { step: 'channels', tasks: toJson(tasks) } } : nextTask(tasks, page);
  return { records: [], rejected: [], ...(next ? { next } : {}) };
}

function parseHistory(page: PageAnswer): Page {
  const rows = rowsOf(page.body, 'messages');
  const { channel = '', ts } = page.request.query;
  const threads = ts === undefined ? threadsOf(rows, page.window.since).map((thread) => ({ channel, thread })) : [];
  const tasks = [...threads, ...tasksOf(page.request)];
  const cursor = nextCursor(page.body);
  const next = cursor
    ? { ...page.request, query: { ...page.request.query, cursor }, state: { step: 'history', tasks: toJson(tasks) } }
    : nextTask(tasks, page);
  return { ...readMessages(channel, rows), ...(next ? { next } : {}) };
}

/** The first page of the next history; threads stand before other channels, so that only those of one channel wait. */
function nextTask(tasks: readonly Task[], page: PageAnswer): PageRequest | undefined {
  const [task, ...left] = tasks;
  if (!task) return undefined;
  const method = task.thread === undefined ? 'conversations.history' : 'conversations.replies';
  const which = { channel: task.channel, ...(task.thread === undefined ? {} : { ts: task.thread }) };
  return {
    ...listRequest(method, { ...which, ...bounds(page.window, page.until) }),
    state: { step: 'history', tasks: toJson(left) },
  };
}

/** The window in Slack's terms; both ends belong to it. */
function bounds({ since }: SyncWindow, until: number): Record<string, string> {
  const oldest = since === undefined ? {} : { oldest: tsOfInstant(since) };
  return { ...oldest, latest: tsOfInstant(until + 1000), inclusive: 'true' };
}

function tasksOf(request: PageRequest): readonly Task[] {
  return asArray(asObject(request.state)['tasks']).flatMap((task) => {
    const channel = asText(asObject(task)['channel']);
    const thread = asText(asObject(task)['thread']);
    return channel === undefined ? [] : [{ channel, ...(thread === undefined ? {} : { thread }) }];
  });
}

function toJson(tasks: readonly Task[]): Json {
  return tasks.map((task) => ({ ...task }));
}
