import type { LimitRule } from '../provider.ts';

const MINUTE_MS = 60_000;
const tier = (name: string, permits: number): LimitRule => ({
  name,
  permits,
  perMs: MINUTE_MS,
  burst: permits,
  concurrency: 4,
});

/**
 * Slack counts calls a minute for each method, workspace and app, by tiers of 1, 20, 50 and 100 (docs.slack.dev rate limits); auth.test has
 * 600 (slackapi/java-slack-sdk `MethodsRateLimits.java`), chat.postMessage one a second in a channel.
 */
export const limits: readonly LimitRule[] = [
  tier('tier1', 1),
  tier('tier2', 20),
  tier('tier3', 50),
  tier('tier4', 100),
  tier('special', 600),
  { name: 'post-message', permits: 1, perMs: 1000, burst: 1, concurrency: 1 },
];

/** Source: docs.slack.dev method pages. */
const RULE_OF_METHOD: Readonly<Record<string, string>> = {
  'auth.test': 'special',
  'chat.postMessage': 'post-message',
  'chat.update': 'tier3',
  'chat.delete': 'tier3',
  'conversations.list': 'tier2',
  'conversations.history': 'tier3',
  'conversations.replies': 'tier3',
  'conversations.info': 'tier3',
  'conversations.join': 'tier3',
  'conversations.members': 'tier4',
  'team.info': 'tier3',
  'users.info': 'tier4',
  'users.list': 'tier2',
  'users.lookupByEmail': 'tier3',
};

/** One bucket for each method, under the rule of its tier; a method that is not known here counts as tier 2. */
export function limitsFor(_method: string, path: string): readonly string[] {
  const method = methodOf(path);
  const rule = Object.hasOwn(RULE_OF_METHOD, method) ? RULE_OF_METHOD[method] : undefined;
  return [`${rule ?? 'tier2'}:${method.replace(/[^\w.-]/g, '')}`];
}

/** `/users.list?limit=200` -> `users.list`. */
export function methodOf(path: string): string {
  return (path.split('?', 1)[0] ?? '').replace(/^\/+/, '');
}
