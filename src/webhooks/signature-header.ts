import { type HeaderBag, headerValues } from './headers.ts';
import type { Verdict, WebhookScheme } from './scheme.ts';
import { covers, decodeMac, describeMac } from './signature.ts';

/** What the headers of a delivery say about its signature. */
export interface SignatureClaim {
  /** At least one; all of the length of the scheme's MAC. */
  readonly signatures: readonly Buffer[];
  /** As spelled in the header. */
  readonly timestamp?: string;
  /** ms since the epoch. */
  readonly signedAt?: number;
  readonly id?: string;
}

export interface ClaimProblem {
  readonly verdict: Extract<Verdict, 'missing-header' | 'malformed-header'>;
  readonly detail: string;
}

/** Epoch seconds or milliseconds, without sign or leading zero; `Date` reaches to 8.64e15 ms. */
const TIMESTAMP = /^(?:0|[1-9][0-9]{0,15})$/;
const LATEST_MS = 8.64e15;
/** Ids are visible ASCII, so that header bytes and text cannot differ. */
const ID = /^[\x21-\x7e]{1,512}$/;

const missing = (detail: string): ClaimProblem => ({ verdict: 'missing-header', detail });
const malformed = (detail: string): ClaimProblem => ({ verdict: 'malformed-header', detail });

/** Reads and strictly decodes the headers that the scheme names; a header that comes twice is refused. */
export function readClaim(scheme: WebhookScheme, headers: HeaderBag): SignatureClaim | ClaimProblem {
  const names = namesInUse(scheme, headers);
  const header = single(headers, names(scheme.signatureHeader));
  if (typeof header !== 'string') return header;

  // Blanks around an entry are part of it, as for stripe-node and standardwebhooks.
  const entries = scheme.separator === undefined ? [header] : header.split(scheme.separator);
  const signatures = readSignatures(scheme, names(scheme.signatureHeader), entries);
  if ('verdict' in signatures) return signatures;

  const timestamp = readTimestamp(scheme, headers, names, entries);
  if (typeof timestamp === 'object') return timestamp;
  const id = readId(scheme, headers, names);
  if (typeof id === 'object') return id;

  const time =
    timestamp === undefined
      ? {}
      : { timestamp, signedAt: Number(timestamp) * (scheme.timestampUnit === 'ms' ? 1 : 1000) };
  return { signatures, ...time, ...(id === undefined ? {} : { id }) };
}

type Names = (name: string) => string;

/** The scheme's own header names, or its aliases when the signature comes under the alias only. */
function namesInUse(scheme: WebhookScheme, headers: HeaderBag): Names {
  const aliases = scheme.headerAliases ?? {};
  const alias = aliases[scheme.signatureHeader];
  const aliased =
    alias !== undefined &&
    headerValues(headers, scheme.signatureHeader).length === 0 &&
    headerValues(headers, alias).length > 0;
  return aliased ? (name) => aliases[name] ?? name : (name) => name;
}

function single(headers: HeaderBag, name: string): string | ClaimProblem {
  const values = headerValues(headers, name);
  const [value] = values;
  if (value === undefined) return missing(`the header ${name} is missing`);
  if (values.length > 1) return malformed(`the header ${name} comes ${values.length} times; it must come once`);
  return value === '' ? malformed(`the header ${name} is empty`) : value;
}

function readSignatures(scheme: WebhookScheme, name: string, entries: readonly string[]): Buffer[] | ClaimProblem {
  const { prefix } = scheme;
  const marked = entries.filter((entry) => entry.startsWith(prefix)).map((entry) => entry.slice(prefix.length));
  const texts = marked.length === 0 && scheme.prefixOptional ? entries : marked;
  if (texts.length === 0) return malformed(`the header ${name} holds no signature that begins with ${prefix}`);
  const signatures = texts.map((text) => decodeMac(scheme, text)).filter((bytes) => bytes !== undefined);
  if (signatures.length > 0) return signatures;
  return malformed(
    `the signature in ${name} must be ${describeMac(scheme)}${prefix === '' ? '' : ` behind ${prefix}`}`,
  );
}

function readTimestamp(
  scheme: WebhookScheme,
  headers: HeaderBag,
  names: Names,
  entries: readonly string[],
): string | undefined | ClaimProblem {
  const text = timestampText(scheme, headers, names, entries);
  if (typeof text !== 'string') return text;
  const unit = scheme.timestampUnit === 'ms' ? 1 : 1000;
  if (TIMESTAMP.test(text) && Number(text) * unit <= LATEST_MS) return text;
  return malformed(`the signed time must be epoch ${unit === 1 ? 'milliseconds' : 'seconds'} in digits`);
}

function timestampText(
  scheme: WebhookScheme,
  headers: HeaderBag,
  names: Names,
  entries: readonly string[],
): string | undefined | ClaimProblem {
  const { timestampPrefix, timestampHeader } = scheme;
  if (timestampPrefix === undefined) {
    return timestampHeader === undefined ? undefined : single(headers, names(timestampHeader));
  }
  const times = entries.filter((entry) => entry.startsWith(timestampPrefix));
  if (times.length === 1) return times[0]?.slice(timestampPrefix.length);
  return malformed(
    `the header ${names(scheme.signatureHeader)} must hold ${timestampPrefix} once, it holds it ${times.length} times`,
  );
}

function readId(scheme: WebhookScheme, headers: HeaderBag, names: Names): string | undefined | ClaimProblem {
  if (scheme.idHeader === undefined || !covers(scheme, 'id')) return undefined;
  const name = names(scheme.idHeader);
  const id = single(headers, name);
  if (typeof id !== 'string' || ID.test(id)) return id;
  return malformed(`the header ${name} must be visible ASCII without blanks`);
}
