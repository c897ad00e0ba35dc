import type { LimitRule } from '../providers/provider.ts';

/** A part of a limit: at least one request, in a window that is longer where the part is less than one. */
export function shareOf(rule: LimitRule, share: number): LimitRule {
  if (share >= 1) return rule;
  const permits = Math.max(1, Math.floor(rule.permits * share));
  const perMs = Math.ceil(rule.perMs * Math.max(1, permits / (rule.permits * share)));
  return { ...rule, permits, perMs, burst: Math.max(1, Math.min(permits, Math.floor(rule.burst * share))) };
}
