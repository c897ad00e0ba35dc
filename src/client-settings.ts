import type { Config } from './config.ts';
import { timeoutsFor } from './http/timeouts.ts';

/** What the config changes about retries, for the calls of one provider: members that are absent stay as they are. */
export interface RetryChange {
  readonly attempts?: number;
  readonly baseDelayMs?: number;
  readonly maxDelayMs?: number;
  /** The call ends by then, ms from its start. */
  readonly deadlineMs: number;
}

/** How the calls of a provider are repeated, and when they end. */
export function retryChange(config: Config, provider: string): RetryChange {
  return { ...config.retry, deadlineMs: callMs(config, provider) };
}

/** Longest time of a call of a provider, all attempts and waits included, ms. */
export function callMs(config: Config, provider: string): number {
  return timeoutsFor(config.timeouts, provider).callMs;
}

/** Which part of the provider's limits lwi may use, above 0 and up to 1. */
export function limitShare(config: Config, provider: string): number {
  const { limits = {} } = config;
  return (Object.hasOwn(limits, provider) ? limits[provider]?.share : undefined) ?? 1;
}
