import { findChannel, limitOf, type MethodCall } from './method.ts';
import { cursorPage } from './paging.ts';
import { renderChannel, renderUser } from './rendering.ts';
import { errorAnswer, okAnswer } from './slack-answer.ts';
import { indexOfUser, userId } from './workspace.ts';

/** Without a limit Slack tries to send everybody and gives up on big workspaces (docs.slack.dev, users.list). */
export function listUsers({ workspace, parameters }: MethodCall): Response {
  const filter = { deleted: true };
  if (!parameters.get('limit') && workspace.users.count(filter) > 1000) return errorAnswer('limit_required');
  const limit = limitOf(parameters, 1000, 1000);
  if (limit === undefined) return errorAnswer('invalid_limit');
  const select = (offset: number, count: number) => workspace.users.select(filter, offset, count);
  const page = cursorPage(workspace.seed, parameters.get('cursor') ?? '', limit, select);
  if (page === 'invalid_cursor') return errorAnswer(page);
  const members = page.items.map((row) => renderUser(workspace, row));
  return okAnswer({ members, cache_ts: 0, response_metadata: { next_cursor: page.next } });
}

/** Public channels unless told (docs.slack.dev, conversations.list). */
export function listChannels({ grant, workspace, parameters }: MethodCall): Response {
  const types = (parameters.get('types') || 'public_channel').split(',').map((type) => type.trim());
  const needs: Record<string, string> = {
    public_channel: 'channels:read',
    private_channel: 'groups:read',
    im: 'im:read',
    mpim: 'mpim:read',
  };
  for (const type of types) {
    const needed = needs[type];
    if (needed === undefined) return errorAnswer('invalid_types');
    if (!grant.scope.split(',').includes(needed))
      return errorAnswer('missing_scope', { needed, provided: grant.scope });
  }
  const limit = limitOf(parameters, 100, 1000);
  if (limit === undefined) return errorAnswer('invalid_limit');
  const withoutArchived = parameters.get('exclude_archived') === 'true';
  const wanted = workspace.channels().filter((channel) => {
    return (
      types.includes(channel.isPrivate ? 'private_channel' : 'public_channel') &&
      !(withoutArchived && channel.isArchived)
    );
  });
  const page = cursorPage(workspace.seed, parameters.get('cursor') ?? '', limit, (offset, count) =>
    wanted.slice(offset, offset + count),
  );
  if (page === 'invalid_cursor') return errorAnswer(page);
  const channels = page.items.map((channel) => renderChannel(workspace, channel));
  return okAnswer({ channels, response_metadata: { next_cursor: page.next } });
}

/** One channel. */
export function showChannel(call: MethodCall): Response {
  const channel = findChannel(call);
  return channel instanceof Response ? channel : okAnswer({ channel: renderChannel(call.workspace, channel) });
}

/** One user. */
export function showUser({ workspace, parameters }: MethodCall): Response {
  const index = indexOfUser(parameters.get('user') ?? '');
  const row = index === undefined ? undefined : workspace.users.find(index);
  return row === undefined ? errorAnswer('user_not_found') : okAnswer({ user: renderUser(workspace, row) });
}

/** The ids of those who are in a channel. */
export function listMembers(call: MethodCall): Response {
  const { workspace, parameters } = call;
  const channel = findChannel(call);
  if (channel instanceof Response) return channel;
  const limit = limitOf(parameters, 100, 999);
  if (limit === undefined) return errorAnswer('invalid_limit');
  const page = cursorPage(workspace.seed, parameters.get('cursor') ?? '', limit, (offset, count) =>
    channel.members.select({}, offset, count),
  );
  if (page === 'invalid_cursor') return errorAnswer(page);
  const members = page.items.map((row) => userId(row.index));
  return okAnswer({ members, response_metadata: { next_cursor: page.next } });
}
