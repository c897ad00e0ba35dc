import { jsonAnswer } from '../answer.ts';
import { readBearer } from '../client-authentication.ts';
import { createGrantStore } from '../grant-store.ts';
import type { ProviderFake } from '../provider-fake.ts';
import { createMint } from '../seeded-random.ts';
import type { MockSettings } from '../settings.ts';
import { createAuthorization, slackRotation } from './authorization.ts';
import { rateLimitedAnswer } from './slack-answer.ts';
import { streamsOf } from './streams-of.ts';
import { createWebApi } from './web-api.ts';
import { slackEvent } from './webhook.ts';
import { createWorkspace, WORKSPACES } from './workspace.ts';
import { workspaceStream } from './workspace-stream.ts';

/** Tokens that are valid at every mock, never expire and have all scopes: what a person would paste from an app's install page. */
export const PASTED_SLACK_TOKENS = { bot: 'xoxb-lwi-demo-bot-token', user: 'xoxp-lwi-demo-user-token' } as const;

const ALL_SCOPES = [
  ...['channels', 'groups', 'im', 'mpim'].flatMap((kind) => [`${kind}:read`, `${kind}:history`]),
  'users:read',
  'users:read.email',
  'team:read',
].join(',');

/** Slack as `/slack/…`: its paths on slack.com. */
export function makeSlack(settings: MockSettings): ProviderFake {
  const mint = createMint(settings.seed, 'slack');
  const grants = createGrantStore(settings.clock, prefixed, slackRotation(settings.rotateAlways));
  const workspaces = WORKSPACES.map(({ id, name }) => createWorkspace(settings, id, name));
  const { authorize, token } = createAuthorization(settings, grants, mint);
  const api = createWebApi(settings, grants, workspaces);
  const pathOf = (request: Request) => new URL(request.url).pathname.slice('/slack'.length);
  const methodOf = (path: string) => /^\/api\/([a-zA-Z.]+)$/.exec(path)?.[1];
  let events = 0;

  function prefixed(label: string): string {
    const [use = '', kind = ''] = label.split(':');
    const letter = kind === 'bot' ? 'b' : 'p';
    if (use === 'refresh') return `xoxe-1-mock-${mint(label)}`;
    return settings.slackTokenRotation ? `xoxe.xox${letter}-1-mock-${mint(label)}` : `xox${letter}-mock-${mint(label)}`;
  }
  for (const kind of ['bot', 'user'] as const) {
    const pasted = { clientId: 'pasted', tenant: WORKSPACES[0].id, kind, scope: ALL_SCOPES, withRefresh: false };
    grants.access(grants.open(pasted), undefined, PASTED_SLACK_TOKENS[kind]);
  }

  return {
    id: 'slack',
    hosts: ['slack.com'],
    grants,
    handle(request) {
      const path = pathOf(request);
      if (path === '/oauth/v2/authorize') return authorize(request, false);
      if (path === '/oauth/v2_user/authorize') return authorize(request, true);
      if (path === '/api/oauth.v2.access' || path === '/api/oauth.v2.user.access') return token(request);
      const method = methodOf(path);
      return method === undefined ? jsonAnswer({ error: 'not found' }, 404) : api.answer(request, method);
    },
    windows(request) {
      const method = methodOf(pathOf(request));
      return method === undefined ? [] : api.windows(request, method);
    },
    failure(status) {
      if (status === 429) return rateLimitedAnswer(1000);
      return jsonAnswer({ ok: false, error: status >= 500 ? 'internal_error' : 'invalid_auth' }, status);
    },
    stamp(headers) {
      headers.set('x-slack-req-id', Buffer.from(mint('request'), 'base64url').toString('hex').slice(0, 32));
      headers.set('x-slack-unique-id', mint('unique').slice(0, 27));
    },
    stream(name, tenant) {
      const workspace = workspaces.find(({ id }) => id === (tenant ?? WORKSPACES[0].id));
      return workspace && workspaceStream(workspace, name);
    },
    reading(request) {
      const method = methodOf(pathOf(request));
      const { grant } = grants.check(readBearer(request) ?? '');
      if (method === undefined || grant === undefined) return undefined;
      return { tenant: grant.tenant, streams: streamsOf(method, new URL(request.url).searchParams) };
    },
    event: (parameters) =>
      slackEvent(
        settings,
        () => {
          events += 1;
          return events;
        },
        parameters,
      ),
  };
}
