import { rule } from './provider-words.ts';
import * as w from './words.ts';

const limitRow = w.object({
  ...{ provider: w.provider, account: w.account, env: w.environment },
  limits: w.list(
    w.object({
      ...rule,
      used: w.whole('requests in the last window'),
      free: w.whole('requests that could go at once'),
      nextInMs: w.ms('until the next may go'),
      inFlight: w.whole('requests under way'),
      waiting: w.whole('requests that wait'),
      holdMs: w.ms('how much longer the provider wants to hear nothing'),
      said: w.maybe(
        w.object(
          {
            at: w.time('when it said so'),
            limit: w.maybe(w.whole('its limit')),
            remaining: w.maybe(w.whole('what is left')),
            resetAt: w.maybe(w.time('when that is renewed')),
          },
          'what the last headers said',
        ),
      ),
    }),
    'each limit',
  ),
  circuits: w.list(
    w.object({
      scope: w.text('provider and host; `/oauth` behind them for the token endpoint'),
      state: w.oneOf(['closed', 'open', 'half-open'], 'whether requests go'),
      failures: w.whole('failures in its window'),
      nextTryInMs: w.ms('until a probe may go'),
    }),
    'each circuit of the provider',
  ),
});

const explained = w.object({
  limit: w.orNull(w.whole('requests'), 'requests that a window allows'),
  remaining: w.orNull(w.whole('requests'), 'what is left of them'),
  resetAt: w.orNull(w.time('the time'), 'when that is renewed'),
  retryAfterMs: w.orNull(w.ms('the wait'), 'how long the provider asks to wait, ms'),
  policies: w.list(
    w.object({
      name: w.text('name of the policy, or beginning of the headers that tell it'),
      quota: w.orNull(w.whole('the quota'), 'how much a window allows'),
      windowMs: w.orNull(w.ms('the window'), 'length of the window, ms'),
      remaining: w.orNull(w.whole('the rest'), 'how much is left'),
      resetMs: w.orNull(w.ms('the time'), 'until it is renewed, ms'),
    }),
    'each policy that the headers tell',
  ),
  ignored: w.list(
    w.object({ header: w.text('its name'), why: w.text('one sentence') }),
    'headers that look like it and cannot be understood',
  ),
});

/** Commands about rate limits. */
export const LIMIT_OUTPUTS: Readonly<Record<string, readonly w.Output[]>> = {
  limits: [w.document('always', w.list(limitRow, 'a row for each connection'))],
  'limits explain': [w.document('always', explained)],
};
