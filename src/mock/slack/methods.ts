import { listChannels, listMembers, listUsers, showChannel, showUser } from './list-methods.ts';
import { listMessages, listReplies } from './message-methods.ts';
import type { Method, MethodCall } from './method.ts';
import { okAnswer } from './slack-answer.ts';
import { AUTHED_USER, BOT_ID, BOT_USER } from './workspace.ts';

const READ = ['channels:read', 'groups:read', 'im:read', 'mpim:read'];
const HISTORY = ['channels:history', 'groups:history', 'im:history', 'mpim:history'];

/** The methods that the mock knows, with the tiers of docs.slack.dev (method pages; java-slack-sdk `MethodsRateLimits.java`). */
export const METHODS: Readonly<Record<string, Method>> = {
  'auth.test': { perMinute: 600, scopes: [], run: testToken },
  'auth.revoke': { perMinute: 50, scopes: [], run: revokeToken },
  'team.info': {
    perMinute: 50,
    scopes: ['team:read'],
    run: ({ workspace: { id, name } }) =>
      okAnswer({ team: { id, name, domain: domainOf(name), email_domain: 'example.com' } }),
  },
  'users.list': { perMinute: 20, scopes: ['users:read'], run: listUsers },
  'users.info': { perMinute: 100, scopes: ['users:read'], run: showUser },
  'conversations.list': { perMinute: 20, scopes: READ, run: listChannels },
  'conversations.info': { perMinute: 50, scopes: READ, run: showChannel },
  'conversations.members': { perMinute: 100, scopes: READ, run: listMembers },
  'conversations.history': { perMinute: 50, scopes: HISTORY, run: listMessages },
  'conversations.replies': { perMinute: 50, scopes: HISTORY, run: listReplies },
};

const domainOf = (name: string) => name.toLowerCase().replaceAll(' ', '-');

function testToken({ grant, workspace: { id, name } }: MethodCall): Response {
  const who =
    grant.kind === 'bot' ? { user: 'lwi', user_id: BOT_USER, bot_id: BOT_ID } : { user: 'pat', user_id: AUTHED_USER };
  return okAnswer({
    url: `https://${domainOf(name)}.slack.com/`,
    team: name,
    team_id: id,
    ...who,
    is_enterprise_install: false,
  });
}

function revokeToken({ grants, token, parameters }: MethodCall): Response {
  const dryRun = /^(1|true)$/.test(parameters.get('test') ?? '');
  if (!dryRun) grants.dropAccess(token);
  return okAnswer({ revoked: !dryRun });
}
