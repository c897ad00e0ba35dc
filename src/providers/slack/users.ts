import { asObject, asText } from '../json-value.ts';
import type { Stream, StreamRecord } from '../stream.ts';
import { listRequest, nextPage, rowsOrOne } from './cursor.ts';
import { instantOfEpoch } from './epoch.ts';

/**
 * Everybody in the workspace, always as a full list: `users.list` knows no since. Without `limit` it may fail in big workspaces. People who
 * left are in it with `deleted:true`. Source: docs.slack.dev users.list.
 */
export const users: Stream = {
  name: 'users',
  overlapMs: 0,
  // How long a cursor lives is not documented.
  resumable: false,
  minIntervalMs: 0,
  absence: 'list',
  columns: {
    name: 'name',
    real_name: 'real_name',
    display_name: 'profile.display_name',
    email: 'profile.email',
    title: 'profile.title',
    is_bot: 'is_bot',
    is_admin: 'is_admin',
    deactivated: 'deleted',
    time_zone: 'tz',
  },
  start: () => ({ request: listRequest('users.list', {}), coverage: [] }),
  lookup: (id) => ({ method: 'GET', path: '/users.info', query: { user: id } }),
  parse(page) {
    const records: StreamRecord[] = [];
    const rejected: { reason: string; row: unknown }[] = [];
    for (const row of rowsOrOne(page.body, 'members', 'user')) {
      const user = asObject(row);
      const id = asText(user['id']);
      const updatedAt = instantOfEpoch(user['updated']);
      const time = updatedAt === undefined ? {} : { updatedAt };
      if (id === undefined) rejected.push({ reason: 'a user has no id', row });
      else records.push({ id, ...time, deleted: user['deleted'] === true, data: row });
    }
    const next = nextPage(page);
    return { records, rejected, ...(next ? { next } : {}) };
  },
};
