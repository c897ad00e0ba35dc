/** What goes wrong, or what is added. */
export type Fault =
  /** This status with the provider's own body; the request is not processed. */
  | {
      readonly kind: 'status';
      readonly status: number;
      /** `Retry-After` as text, or as an HTTP-date so many seconds after the answer's `Date`. */
      readonly retryAfter?: { readonly text: string } | { readonly dateAfterSeconds: number };
    }
  /** The answer is late by so many ms. */
  | { readonly kind: 'latency'; readonly ms: number }
  /** The `Date` of the answer is off by so many ms. */
  | { readonly kind: 'skew'; readonly ms: number }
  /** The `Date` of the answer goes away from the true time by so many ms in each second since the mock began. */
  | { readonly kind: 'drift'; readonly msPerSecond: number }
  /** The connection is cut before the request is processed. */
  | { readonly kind: 'cut' }
  /** The request is taken and not processed; there is no answer until the client gives up. */
  | { readonly kind: 'hang' }
  /** The request is processed, then the connection is cut: the answer is lost. */
  | { readonly kind: 'lost' }
  /** The request is processed, and half of the answer arrives: with its length in front, or in chunks without one. */
  | { readonly kind: 'truncate'; readonly chunked: boolean }
  /** Head and first bytes come at once, the rest of the body piece by piece over so many ms. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** The right answer under a wrong content type. */
  | { readonly kind: 'type'; readonly type: string }
  /** An HTML page in place of the answer, the request is not processed: of a gateway (502), of a captive portal (200). */
  | { readonly kind: 'html'; readonly status: number }
  /** Rate-limit headers that tell the truth about the fake's own windows. */
  | { readonly kind: 'headers'; readonly style: HeaderStyle };

/** Whose rate-limit headers the mock adds. */
export type HeaderStyle = 'github' | 'ietf' | 'twitter';

/** The words of `<what>`, for messages. */
export const FAULT_WORDS =
  'a status from 400 to 599 (with ;retry-after=<text> or ;retry-after-date=<s>), latency=<ms>, slow=<ms>, skew=<ms>, ' +
  'drift=<ms per second>, cut, hang, lost, truncate, truncate=chunked, type=<media type>, html, html=<200 or a status from 400> or headers=github|ietf|twitter';

/** Reads what goes wrong: `500`, `429;retry-after=2`, `latency=250`, `html=200`. Undefined for anything else. */
export function readFaultKind(text: string): Fault | undefined {
  if (text === 'cut' || text === 'hang' || text === 'lost') return { kind: text };
  if (text === 'truncate' || text === 'truncate=chunked') return { kind: 'truncate', chunked: text !== 'truncate' };
  if (text === 'html') return { kind: 'html', status: 502 };
  const [, name, value = ''] = /^(latency|slow|skew|drift|type|html|headers)=(.+)$/.exec(text) ?? [];
  if (name === undefined) return readStatus(text);
  if (name === 'latency' || name === 'slow')
    return /^\d{1,12}$/.test(value) ? { kind: name, ms: Number(value) } : undefined;
  if (name === 'skew') return /^-?\d{1,12}$/.test(value) ? { kind: name, ms: Number(value) } : undefined;
  if (name === 'drift') {
    return /^-?\d{1,6}(\.\d{1,3})?$/.test(value) ? { kind: name, msPerSecond: Number(value) } : undefined;
  }
  if (name === 'type')
    return /^[\w.+-]+\/[\w.+-]+(; ?[\w-]+=[\w-]+)?$/.test(value) ? { kind: name, type: value } : undefined;
  if (name === 'html') return /^(200|[45]\d\d)$/.test(value) ? { kind: name, status: Number(value) } : undefined;
  return value === 'github' || value === 'ietf' || value === 'twitter' ? { kind: 'headers', style: value } : undefined;
}

/** A status, perhaps with a `Retry-After`: any text, for nonsense too, or a date. */
function readStatus(text: string): Fault | undefined {
  const [, status, date, value = ''] = /^([45]\d\d)(?:;retry-after(-date)?=([!-9<-~]{1,40}))?$/.exec(text) ?? [];
  if (status === undefined) return undefined;
  const fault = { kind: 'status', status: Number(status) } as const;
  if (value === '') return fault;
  if (date === undefined) return { ...fault, retryAfter: { text: value } };
  return /^-?\d{1,9}$/.test(value) ? { ...fault, retryAfter: { dateAfterSeconds: Number(value) } } : undefined;
}
