/** Longest wait that a header may ask for, ms: a day. Anything above is taken for nonsense. */
const LONGEST_MS = 86_400_000;

/**
 * Reads `Retry-After` (RFC 9110, 10.2.3): delay in whole seconds, or an HTTP-date, which is compared with the provider's own
 * `Date` when the answer has one, so that a skewed local clock does not matter. A fraction is no standard, but Shopify sends `2.0` (shopify.dev,
 * REST Admin API rate limits). Returns ms from now, or undefined for an absent or nonsensical value.
 */
export function retryAfterMs(headers: Readonly<Record<string, string>>, now: number): number | undefined {
  const value = headers['retry-after']?.trim();
  if (!value) return undefined;
  if (/^\d{1,9}(\.\d{1,6})?$/.test(value)) return bounded(Math.ceil(Number(value) * 1000));
  const at = httpDate(value);
  if (at === undefined) return undefined;
  return bounded(Math.max(0, at - (httpDate(headers['date']) ?? now)));
}

/** The three forms of a date that a recipient must take (RFC 9110, 5.6.7): IMF-fixdate, RFC 850, asctime (which has no zone: GMT). */
const DATE_FORMS: readonly (readonly [form: RegExp, zone: string])[] = [
  [/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/, ''],
  [/^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/, ''],
  [/^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/, ' GMT'],
];

/** An HTTP-date such as `Mon, 05 Jan 2026 10:00:00 GMT` in ms since the epoch; undefined for anything else. */
export function httpDate(value: string | undefined): number | undefined {
  const form = DATE_FORMS.find(([pattern]) => value !== undefined && pattern.test(value));
  if (!form) return undefined;
  const at = Date.parse(`${value}${form[1]}`);
  return Number.isNaN(at) ? undefined : at;
}

function bounded(ms: number): number | undefined {
  return ms <= LONGEST_MS ? ms : undefined;
}
