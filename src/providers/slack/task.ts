import { asArray, asObject, asText } from '../json-value.ts';
import type { Page, PageAnswer, PageRequest } from '../stream.ts';
import { channelsRequest } from './channels.ts';
import { nextPage, rowsOf } from './cursor.ts';

/** A list still to be read: of a channel, or of one thread in it. */
export interface Task {
  readonly channel: string;
  /** `ts` of the first message of the thread. */
  readonly thread?: string;
}

/** What is still to be read travels in the request, so that the pages of a window need no other memory. */
export function withTasks(request: PageRequest, step: string, tasks: readonly Task[]): PageRequest {
  return { ...request, state: { step, tasks: tasks.map((task) => ({ ...task })) } };
}

/** What a request still has before it; none where its state is foreign. */
export function tasksOf(request: PageRequest): readonly Task[] {
  return asArray(asObject(request.state)['tasks']).flatMap((task) => {
    const channel = asText(asObject(task)['channel']);
    const thread = asText(asObject(task)['thread']);
    return channel === undefined ? [] : [{ channel, ...(thread === undefined ? {} : { thread }) }];
  });
}

/** Which step of its stream a request belongs to. */
export function stepOf(request: PageRequest): string | undefined {
  return asText(asObject(request.state)['step']);
}

/** The first request of a stream that reads the joined channels one by one: it lists them. */
export function joinedChannelsRequest(): PageRequest {
  return withTasks(channelsRequest(), 'channels', []);
}

/**
 * Reads a page of the list of channels: those that the token is a member of become tasks. `nextTask` makes the request of the first one when the list
 * is at its end.
 */
export function parseJoinedChannels(
  page: PageAnswer,
  nextTask: (tasks: readonly Task[]) => PageRequest | undefined,
): Page {
  const mine = rowsOf(page.body, 'channels')
    .map(asObject)
    .filter((channel) => channel['is_member'] === true);
  const found = mine.flatMap((channel) => asText(channel['id']) ?? []).map((channel) => ({ channel }));
  const tasks = [...tasksOf(page.request), ...found];
  const more = nextPage(page);
  const next = more ? withTasks(more, 'channels', tasks) : nextTask(tasks);
  return { records: [], rejected: [], ...(next ? { next } : {}) };
}
