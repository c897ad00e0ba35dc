import { boundedText } from '../../bounded-text.ts';
import { dottedValue } from '../../dotted-path.ts';
import { bodyJson, type HttpResponse } from '../../http/http.ts';
import { asNumber } from '../json-value.ts';

/** What an error body says, whatever form it has; each member is absent where it says nothing. */
export interface ErrorBody {
  readonly message?: string;
  readonly code?: string;
  /** ms to wait. */
  readonly retryAfterMs?: number;
}

const MESSAGE_LIMIT = 300;
const CODE_LIMIT = 64;
/** Longest part of an XML body that is read, characters. */
const XML_LIMIT = 16_384;
/** Longest wait that is believed, seconds: a day. */
const LONGEST_WAIT = 86_400;

/**
 * Where error bodies say what is wrong, best first: RFC 6749 (5.2), the common `error: {message}`, plain `message`, and
 * problem details (RFC 9457, `detail` before `title`). A bare `error` text comes last, because it is often just a code.
 */
const MESSAGE_PATHS = [
  ...['error_description', 'error.message', 'message', 'detail', 'title'],
  ...['errors.0.message', 'errors.0.detail', 'errors.0', 'error'],
];
/** `type` names a problem (RFC 9457, 3.1.1); `about:blank` says nothing beyond the status. */
const CODE_PATHS = ['error.code', 'code', 'errors.0.code', 'error', 'type'];
/** Seconds to wait: Slack and Discord write the first, Telegram the third. */
const WAIT_PATHS = ['retry_after', 'retryAfter', 'parameters.retry_after', 'error.retry_after'];
/** Elements of XML errors: S3 and its kin, problem details in XML (RFC 9457, appendix B), SOAP. */
const XML_MESSAGES = ['Message', 'message', 'detail', 'title', 'faultstring', 'error'];
const XML_CODES = ['Code', 'code', 'faultcode'];

/** Reads a JSON or XML body; `{}` for a page of HTML, and for whatever else says nothing. Never throws. */
export function readErrorBody(response: HttpResponse): ErrorBody {
  const body = bodyJson(response);
  if (body === undefined) return fromXml(response);
  const code = firstText(body, CODE_PATHS, CODE_LIMIT);
  const seconds = WAIT_PATHS.map((path) => asNumber(dottedValue(body, path))).find((value) => value !== undefined);
  return present({
    message: firstText(body, MESSAGE_PATHS, MESSAGE_LIMIT),
    code: code === 'about:blank' ? undefined : code,
    retryAfterMs: seconds !== undefined && seconds >= 0 && seconds <= LONGEST_WAIT ? seconds * 1000 : undefined,
  });
}

/** Not a parser of XML: the first element of each name, each pattern linear in a text of bounded length. */
function fromXml(response: HttpResponse): ErrorBody {
  const text = new TextDecoder().decode(response.body.subarray(0, XML_LIMIT)).trimStart();
  if (!text.startsWith('<') || /^<(!doctype html|html)\b/i.test(text)) return {};
  const first = (names: readonly string[], limit: number) => {
    const found = names.map((name) => new RegExp(`<${name}(?: [^<>]*)?>([^<]+)</${name}>`).exec(text)?.[1]?.trim());
    const value = found.find((each) => each);
    return value === undefined ? undefined : bounded(value, limit);
  };
  return present({ message: first(XML_MESSAGES, MESSAGE_LIMIT), code: first(XML_CODES, CODE_LIMIT) });
}

function firstText(body: unknown, paths: readonly string[], limit: number): string | undefined {
  for (const path of paths) {
    const value = dottedValue(body, path);
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text === 'string' && text.trim() !== '') return bounded(text, limit);
  }
  return undefined;
}

/** One line without control characters, which could steer a terminal. */
function bounded(text: string, limit: number): string {
  const line = text.replace(/\p{C}+/gu, ' ').trim();
  return line.length <= limit ? line : `${boundedText(line, limit - 1).trimEnd()}…`;
}

function present(members: { [K in keyof ErrorBody]: ErrorBody[K] | undefined }): ErrorBody {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
