import { type RateReading, readRateHeaders } from '../http/rate-headers.ts';
import type { Provider } from '../providers/provider.ts';
import { ruleName } from '../providers/rule-name.ts';
import { formatSpan } from '../span.ts';
import type { Answered } from './answered.ts';
import { type Finding, fail, pass } from './check.ts';

/** Whether lwi understands what an answer says of the provider's limits. `limits` are the names of those that the request counted against. */
export function rateFinding({ headers, ended }: Answered, provider: Provider, limits: readonly string[]): Finding {
  const reading = readRateHeaders(headers, ended);
  const known = knownRules(provider, limits);
  if (!reading) return pass(`${provider.title} sends none; ${known}`);
  const ignored = reading.ignored.map(({ header, why }) => `${header}: ${why}`).join(' ');
  const said = spoken(reading);
  if (said === '') {
    return fail(
      `${provider.title} sends headers that lwi does not understand: ${ignored}`,
      `Look at them with \`lwi limits explain\`; until then ${known}.`,
      'BAD_RESPONSE',
    );
  }
  return pass(ignored === '' ? said : `${said}; not understood: ${ignored}`);
}

function spoken({ limit, remaining, resetMs, retryAfterMs }: RateReading): string {
  const quota = limit === undefined ? '' : ` of ${limit}`;
  return [
    remaining !== undefined ? `${remaining}${quota} left` : limit !== undefined && `${limit} allowed`,
    resetMs !== undefined && `renewed in ${formatSpan(resetMs)}`,
    retryAfterMs !== undefined && `asks to wait ${formatSpan(retryAfterMs)}`,
  ]
    .filter((part) => part !== false)
    .join(', ');
}

function knownRules({ limits: all }: Provider, names: readonly string[]): string {
  const rules = all.filter(({ name }) => names.some((each) => ruleName(each) === name));
  if (rules.length === 0) return 'lwi knows no limit of its own for this request';
  return `lwi keeps to ${rules.map(({ permits, perMs }) => `${permits} in ${formatSpan(perMs)}`).join(' and ')} by itself`;
}
