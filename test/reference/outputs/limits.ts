import { rule } from './provider-words.ts';
import {
  account,
  document,
  environment,
  list,
  maybe,
  ms,
  type Output,
  object,
  oneOf,
  orNull,
  provider,
  text,
  time,
  whole,
} from './words.ts';

const limitRow = object({
  ...{ provider, account, env: environment },
  limits: list(
    object({
      ...rule,
      used: whole('requests in the last window'),
      free: whole('requests that could go at once'),
      nextInMs: ms('until the next may go'),
      inFlight: whole('requests under way'),
      waiting: whole('requests that wait'),
      holdMs: ms('how much longer the provider wants to hear nothing'),
      said: maybe(
        object(
          {
            at: time('when it said so'),
            limit: maybe(whole('its limit')),
            remaining: maybe(whole('what is left')),
            resetAt: maybe(time('when that is renewed')),
          },
          'what the last headers said',
        ),
      ),
    }),
    'each limit',
  ),
  circuits: list(
    object({
      scope: text('provider and host; `/oauth` behind them for the token endpoint'),
      state: oneOf(['closed', 'open', 'half-open'], 'whether requests go'),
      failures: whole('failures in its window'),
      nextTryInMs: ms('until a probe may go'),
    }),
    'each circuit of the provider',
  ),
});

const explained = object({
  limit: orNull(whole('requests'), 'requests that a window allows'),
  remaining: orNull(whole('requests'), 'what is left of them'),
  resetAt: orNull(time('the time'), 'when that is renewed'),
  retryAfterMs: orNull(ms('the wait'), 'how long the provider asks to wait, ms'),
  policies: list(
    object({
      name: text('name of the policy, or beginning of the headers that tell it'),
      quota: orNull(whole('the quota'), 'how much a window allows'),
      windowMs: orNull(ms('the window'), 'length of the window, ms'),
      remaining: orNull(whole('the rest'), 'how much is left'),
      resetMs: orNull(ms('the time'), 'until it is renewed, ms'),
    }),
    'each policy that the headers tell',
  ),
  ignored: list(
    object({ header: text('its name'), why: text('one sentence') }),
    'headers that look like it and cannot be understood',
  ),
});

/** Commands about rate limits. */
export const LIMIT_OUTPUTS: Readonly<Record<string, readonly Output[]>> = {
  limits: [document('always', list(limitRow, 'a row for each connection'))],
  'limits explain': [document('always', explained)],
};
