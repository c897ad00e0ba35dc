import { findChannel, limitOf, type MethodCall } from './method.ts';
import { readCursor, writeCursor } from './paging.ts';
import { renderMessage, renderReplies } from './rendering.ts';
import { errorAnswer, okAnswer } from './slack-answer.ts';
import { microsecondsOf, timestampOf } from './timestamp.ts';
import { findMessage } from './workspace.ts';

/** Newest first; `oldest` and `latest` are left out themselves unless `inclusive` (docs.slack.dev, conversations.history). */
export function listMessages(call: MethodCall): Response {
  const { workspace, parameters, mostMessages } = call;
  const channel = findChannel(call, 'history');
  if (channel instanceof Response) return channel;
  const limit = limitOf(parameters, mostMessages ?? 100, 999);
  const bounds = boundsOf(parameters);
  if (limit === undefined) return errorAnswer('invalid_limit');
  if (typeof bounds === 'string') return errorAnswer(bounds);
  const size = Math.min(limit, mostMessages ?? limit);
  const total = channel.messages.count(bounds);
  const start = Math.max(0, total - size);
  const rows = channel.messages.select(bounds, start, total - start).reverse();
  const last = rows.at(-1);
  const more = start > 0 && last !== undefined;
  const head = { messages: rows.map((row) => renderMessage(workspace, row)), has_more: more, pin_count: 0 };
  return okAnswer(
    more ? { ...head, response_metadata: { next_cursor: writeCursor('next_ts', timestampOf(last.at)) } } : head,
  );
}

/** The millisecond bounds (inclusive) of the messages asked for, or the error. */
function boundsOf(
  parameters: URLSearchParams,
): { from?: number; to?: number } | 'invalid_ts_oldest' | 'invalid_ts_latest' | 'invalid_cursor' {
  const inclusive = /^(1|true)$/.test(parameters.get('inclusive') ?? '');
  const cursor = parameters.get('cursor') ?? '';
  const bounds: { from?: number; to?: number } = {};
  if (parameters.get('oldest')) {
    const oldest = microsecondsOf(parameters.get('oldest') ?? '');
    if (oldest === undefined) return 'invalid_ts_oldest';
    bounds.from = inclusive ? Math.ceil((oldest - 100) / 1000) : Math.floor((oldest - 100) / 1000) + 1;
  }
  if (parameters.get('latest')) {
    const latest = microsecondsOf(parameters.get('latest') ?? '');
    if (latest === undefined) return 'invalid_ts_latest';
    bounds.to = inclusive ? Math.floor((latest - 100) / 1000) : Math.ceil((latest - 100) / 1000) - 1;
  }
  if (cursor !== '') {
    const next = microsecondsOf(readCursor('next_ts', cursor) ?? '');
    if (next === undefined) return 'invalid_cursor';
    bounds.to = Math.min(bounds.to ?? Infinity, Math.ceil((next - 100) / 1000) - 1);
  }
  return bounds;
}

/** The parent first, then its replies, oldest first. */
export function listReplies(call: MethodCall): Response {
  const { workspace, parameters, mostMessages } = call;
  const channel = findChannel(call, 'history');
  if (channel instanceof Response) return channel;
  const parent = findMessage(channel, parameters.get('ts') ?? '');
  if (parent === undefined) return errorAnswer('thread_not_found');
  const limit = limitOf(parameters, mostMessages ?? 1000, 1000);
  if (limit === undefined) return errorAnswer('invalid_limit');
  const all = [renderMessage(workspace, parent), ...renderReplies(workspace, parent)];
  const offset = parameters.get('cursor') ? Number(readCursor('reply', parameters.get('cursor') ?? '')) : 0;
  if (!Number.isInteger(offset)) return errorAnswer('invalid_cursor');
  const end = offset + Math.min(limit, mostMessages ?? limit);
  const head = { messages: all.slice(offset, end), has_more: end < all.length };
  return okAnswer(end < all.length ? { ...head, response_metadata: { next_cursor: writeCursor('reply', end) } } : head);
}
