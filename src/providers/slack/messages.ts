import { asObject } from '../json-value.ts';
import type { Page, PageAnswer, PageRequest, Stream } from '../stream.ts';
import { nextCursor, rowsOf } from './cursor.ts';
import { emptyThreads, historyRequest, readToEnd } from './history.ts';
import { lookupRequest, readMessages, threadsOf, withoutReplies } from './message.ts';
import { smallPages } from './small-pages.ts';
import { joinedChannelsRequest, parseJoinedChannels, stepOf, type Task, tasksOf, withTasks } from './task.ts';

const DAY_MS = 86_400_000;

/**
 * `oldest` filters by creation, so edits and deletions come back only where the window reaches far enough behind. singer-io/tap-slack looks
 * back 14 days; two days keep a frequent sync within the limit of 50 calls a minute, and webhooks tell of older edits.
 */
const LOOK_BACK_MS = 2 * DAY_MS;

const BLIND_SPOTS = [
  'Slack finds messages by the time of writing: edits, deletions and replies that concern messages from before this window are not covered.',
  'A channel that was joined since the last sync is read from the beginning of this window on only.',
];

/**
 * Messages of the channels that the token is a member of: the channels are listed first, then each history is read, and the replies of each
 * thread that has some. Histories of other channels would be refused (`not_in_channel`). What is left to read travels in the request.
 * Source: docs.slack.dev conversations.history, conversations.replies; singer-io/tap-slack `tap_slack/streams.py`.
 */
export const messages: Stream = {
  name: 'messages',
  overlapMs: LOOK_BACK_MS,
  // Reading can take hours. How long a cursor lives is not documented, but it names a place (`next_ts:…` in base64, docs.slack.dev), and when Slack
  // no longer takes it (`invalid_cursor`), the window begins anew.
  resumable: true,
  minIntervalMs: 0,
  absence: 'pages',
  columns: {
    channel: 'channel',
    user: 'user',
    text: 'text',
    ts: 'ts',
    thread_ts: 'thread_ts',
    subtype: 'subtype',
    bot_id: 'bot_id',
    reply_count: 'reply_count',
    latest_reply: 'latest_reply',
    edited_ts: 'edited.ts',
    edited_by: 'edited.user',
  },
  start: ({ since }) => ({ request: joinedChannelsRequest(), coverage: since === undefined ? [] : BLIND_SPOTS }),
  lookup: lookupRequest,
  parse(page) {
    const step = stepOf(page.request);
    if (step === 'lookup') return parseLookup(page);
    return step === 'channels' ? parseJoinedChannels(page, (tasks) => nextHistory(tasks, page)) : parseHistory(page);
  },
};

function parseHistory(page: PageAnswer): Page {
  const { request, window } = page;
  const rows = rowsOf(page.body, 'messages');
  const { channel = '', ts } = request.query;
  const threads = ts === undefined ? threadsOf(rows, window.since).map((thread) => ({ channel, thread })) : [];
  // Threads stand before other channels, so that only those of one channel wait.
  const tasks = [...threads, ...tasksOf(request)];
  const cursor = nextCursor(page.body);
  const next = cursor
    ? withTasks({ ...request, query: { ...request.query, cursor } }, 'history', tasks)
    : nextHistory(tasks, page);
  const complete = [...emptyThreads(page, withoutReplies(rows)), ...(cursor ? [] : readToEnd(page, rows))];
  const coverage = smallPages(request, rows.length, cursor);
  return { ...readMessages(channel, rows), complete, coverage, ...(next ? { next } : {}) };
}

/** What was looked up, and whatever came with it (the beginning of the thread); nothing when it is not in the answer: then it is gone. */
function parseLookup({ request, body }: PageAnswer): Page {
  const rows = rowsOf(body, 'messages');
  const { channel = '', ts } = request.query;
  const found = rows.some((row) => asObject(row)['ts'] === ts);
  return readMessages(channel, found ? rows : []);
}

function nextHistory([task, ...left]: readonly Task[], { window, until }: PageAnswer): PageRequest | undefined {
  return task && historyRequest(task, left, window.since, until);
}
