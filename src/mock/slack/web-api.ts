import { readBearer } from '../client-authentication.ts';
import type { Grant, GrantStore } from '../grant-store.ts';
import { createRateWindows, type WindowClaim, type WindowState } from '../rate-window.ts';
import type { MockSettings } from '../settings.ts';
import type { Method } from './method.ts';
import { METHODS } from './methods.ts';
import { errorAnswer, rateLimitedAnswer } from './slack-answer.ts';
import type { Workspace } from './workspace.ts';

const MINUTE_MS = 60_000;
/** Limits of commercial apps outside the Marketplace since 2025-05-29 (docs.slack.dev changelog). */
const NON_MARKETPLACE = { perMinute: 1, mostMessages: 15, methods: ['conversations.history', 'conversations.replies'] };

/** `answer` answers `/api/<method>`: token, then the limit of this method, workspace and app, then scopes, then the method. `windows` are those it counts against. */
export function createWebApi(settings: MockSettings, grants: GrantStore, workspaces: readonly Workspace[]) {
  const windows = createRateWindows(settings.limitScale);

  return { answer: answerMethod, windows: windowsOf };

  /** One limit for each method, workspace and app. */
  function claimsOf(name: string, method: Method, { tenant, clientId }: Grant): WindowClaim[] {
    const permits = isRestricted(name) ? NON_MARKETPLACE.perMinute : method.perMinute;
    return [{ key: `${name} ${tenant} ${clientId}`, rules: [{ permits, perMs: MINUTE_MS }] }];
  }

  function isRestricted(name: string): boolean {
    return settings.slackNonMarketplace && NON_MARKETPLACE.methods.includes(name);
  }

  /** None where the token is in the body, which has been read by now. */
  function windowsOf(request: Request, name: string): WindowState[] {
    const method = methodOf(name);
    const { grant } = grants.check(readBearer(request) ?? '');
    if (method === undefined || grant === undefined || !settings.rateLimits) return [];
    return windows.state(claimsOf(name, method, grant), settings.clock.now());
  }

  async function answerMethod(request: Request, name: string): Promise<Response> {
    const method = methodOf(name);
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

    const waitMs = settings.rateLimits ? windows.take(claimsOf(name, method, grant), settings.clock.now()) : 0;
    if (waitMs > 0) return rateLimitedAnswer(waitMs);

    const scopes = grant.scope.split(',');
    const allowed = method.scopes.length === 0 || method.scopes.some((scope) => scopes.includes(scope));
    const mostMessages = isRestricted(name) ? NON_MARKETPLACE.mostMessages : undefined;
    const answer = allowed
      ? method.run({ grant, grants, token, workspace, parameters, mostMessages })
      : errorAnswer('missing_scope', { needed: method.scopes[0], provided: grant.scope });
    answer.headers.set('x-oauth-scopes', grant.scope);
    answer.headers.set('x-accepted-oauth-scopes', method.scopes.join(','));
    return answer;
  }
}

function methodOf(name: string): Method | undefined {
  return Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
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
