import type { LimitSettings, RetrySettings } from './config.ts';
import type { TimeoutSettings, Timeouts } from './http/timeouts.ts';
import { providerId } from './provider-schema.ts';
import { count, object, optional, record, type Schema, v } from './schema.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const times = {
  connectMs: optional(count(HOUR_MS)),
  headersMs: optional(count(HOUR_MS)),
  bodyMs: optional(count(HOUR_MS)),
  attemptMs: optional(count(HOUR_MS)),
  callMs: optional(count(DAY_MS)),
};
const ofOneProvider: Schema<Partial<Timeouts>> = object(times);

/** How long lwi waits for what. */
export const timeouts: Schema<TimeoutSettings> = object({
  ...times,
  providers: optional(record(providerId, ofOneProvider)),
});

/** How often and how fast lwi repeats. */
export const retry: Schema<RetrySettings> = v.pipe(
  object({
    attempts: optional(count(100)),
    baseDelayMs: optional(count(HOUR_MS)),
    maxDelayMs: optional(count(HOUR_MS)),
  }),
  v.check(
    ({ baseDelayMs = 1, maxDelayMs = HOUR_MS }) => baseDelayMs <= maxDelayMs,
    '`baseDelayMs` to be no more than `maxDelayMs`',
  ),
);

const SHARE = 'a number above 0 and up to 1';
const limit: Schema<LimitSettings> = object({
  share: optional(v.pipe(v.number(SHARE), v.gtValue(0, SHARE), v.maxValue(1, SHARE))),
});

/** By provider: how much of its limits lwi may use. */
export const limits: Schema<Readonly<Record<string, LimitSettings>>> = record(providerId, limit);
