import type { Grant, GrantStore } from '../grant-store.ts';
import { errorAnswer } from './slack-answer.ts';
import type { Channel, Workspace } from './workspace.ts';

/** One call, after token and limits were found good. */
export interface MethodCall {
  readonly grant: Grant;
  readonly grants: GrantStore;
  readonly token: string;
  readonly workspace: Workspace;
  readonly parameters: URLSearchParams;
  /** Most messages of a page, and the default: 15 for commercial apps outside the Marketplace. */
  readonly mostMessages: number | undefined;
}

/** A method of the Web API. */
export interface Method {
  /** Calls a minute for each workspace and app: 20 (tier 2), 50 (tier 3), 100 (tier 4). */
  readonly perMinute: number;
  /** One of these is enough; none: any token. */
  readonly scopes: readonly string[];
  run(call: MethodCall): Response;
}

/** `limit`, or undefined when it is none. */
export function limitOf(parameters: URLSearchParams, fallback: number, most: number): number | undefined {
  const limit = Number(parameters.get('limit') || fallback);
  return Number.isInteger(limit) && limit >= 1 && limit <= most ? limit : undefined;
}

/** The channel that is asked for, or why this token must not see it. */
export function findChannel({ grant, workspace, parameters }: MethodCall, scopeOf?: 'history'): Channel | Response {
  const channel = workspace.channel(parameters.get('channel') ?? '');
  if (channel === undefined) return errorAnswer('channel_not_found');
  const needed = `${channel.isPrivate ? 'groups' : 'channels'}:${scopeOf ?? 'read'}`;
  if (!grant.scope.split(',').includes(needed)) return errorAnswer('missing_scope', { needed, provided: grant.scope });
  return scopeOf === 'history' && !channel.isMember && grant.kind === 'bot' ? errorAnswer('not_in_channel') : channel;
}
