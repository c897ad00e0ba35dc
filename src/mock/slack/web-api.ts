import { readBearer } from '../client-authentication.ts';
import type { GrantStore } from '../grant-store.ts';
import { createRateWindows } from '../rate-window.ts';
import type { MockSettings } from '../settings.ts';
import type { Method } from './method.ts';
import { METHODS } from './methods.ts';
import { errorAnswer, rateLimitedAnswer } from './slack-answer.ts';
import type { Workspace } from './workspace.ts';

const MINUTE_MS = 60_000;
/** Limits of commercial apps outside the Marketplace since 2025-05-29 (docs.slack.dev changelog). */
const NON_MARKETPLACE = { perMinute: 1, mostMessages: 15, methods: ['conversations.history', 'conversations.replies'] };

/** Answers `/api/<method>`: token, then the limit of this method, workspace and app, then scopes, then the method. */
export function createWebApi(settings: MockSettings, grants: GrantStore, workspaces: readonly Workspace[]) {
  const windows = createRateWindows(settings.limitScale);

  return async function answerMethod(request: Request, name: string): Promise<Response> {
    const method: Method | undefined = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
    if (method === undefined) return errorAnswer('unknown_method', { req_method: name });
    const parameters = await readParameters(request);
    if (parameters === undefined) return errorAnswer('invalid_json');
    const token = readBearer(request) ?? parameters.get('token') ?? '';
    if (token === '') return errorAnswer('not_authed');
    const { state, grant } = grants.check(token);
    if (state === 'expired') return errorAnswer('token_expired');
    if (state === 'revoked') return errorAnswer('token_revoked');
    const workspace = workspaces.find(({ id }) => id === grant?.tenant);
    if (grant === undefined || workspace === undefined) return errorAnswer('invalid_auth');

    const restricted = settings.slackNonMarketplace && NON_MARKETPLACE.methods.includes(name);
    const permits = restricted ? NON_MARKETPLACE.perMinute : method.perMinute;
    const key = `${name} ${workspace.id} ${grant.clientId}`;
    const waitMs = settings.rateLimits ? windows.take(key, [{ permits, perMs: MINUTE_MS }], settings.clock.now()) : 0;
    if (waitMs > 0) return rateLimitedAnswer(waitMs);

    const scopes = grant.scope.split(',');
    const allowed = method.scopes.length === 0 || method.scopes.some((scope) => scopes.includes(scope));
    const mostMessages = restricted ? NON_MARKETPLACE.mostMessages : undefined;
    const answer = allowed
      ? method.run({ grant, grants, token, workspace, parameters, mostMessages })
      : errorAnswer('missing_scope', { needed: method.scopes[0], provided: grant.scope });
    answer.headers.set('x-oauth-scopes', grant.scope);
    answer.headers.set('x-accepted-oauth-scopes', method.scopes.join(','));
    return answer;
  };
}

/** Arguments come in the query, as a form, or as a JSON object. */
async function readParameters(request: Request): Promise<URLSearchParams | undefined> {
  const parameters = new URLSearchParams(new URL(request.url).search);
  const text = request.method === 'POST' ? await request.text() : '';
  if (text === '') return parameters;
  const type = request.headers.get('content-type') ?? '';
  if (!type.startsWith('application/json')) {
    for (const [name, value] of new URLSearchParams(text)) parameters.set(name, value);
    return parameters;
  }
  try {
    const body: unknown = JSON.parse(text);
    for (const [name, value] of Object.entries(body ?? {})) parameters.set(name, String(value));
    return parameters;
  } catch {
    return undefined;
  }
}
