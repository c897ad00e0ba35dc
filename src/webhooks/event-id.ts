import { createHash } from 'node:crypto';
import { dottedValue } from '../dotted-path.ts';
import { parseBytes } from '../providers/json-value.ts';
import { type HeaderBag, headerValues } from './headers.ts';
import type { WebhookScheme } from './scheme.ts';

export interface EventSource {
  readonly provider: string;
  readonly account: string;
  /** The bytes as they came. */
  readonly body: Uint8Array;
  /** The provider's own id of the event or delivery, where it has one. */
  readonly id?: string | undefined;
}

/** Characters; longer ids are no ids. */
const LONGEST_ID = 200;

/**
 * What tells a repeated delivery from a new one: the provider's id, else (or where that is longer than any id, or is no text that can be
 * stored and sent) the SHA-256 (hex) of provider, account and body. A zero byte stands between the three; neither name can hold one.
 */
export function eventId({ id, provider, account, body }: EventSource): string {
  if (id !== undefined && id !== '' && id.length <= LONGEST_ID && isText(id)) return id;
  return createHash('sha256').update(`${provider}\0${account}\0`).update(body).digest('hex');
}

/** PostgreSQL cannot store a zero byte; halves of surrogate pairs become one and the same sign in UTF-8, and two events would be one. */
const isText = (id: string) => id.isWellFormed() && !id.includes('\0');

/**
 * The id that the scheme says where to find: a header, else a member of the JSON body. Undefined when there is none. A list of
 * events (CloudEvents in a batch) has the id of the only one, or the SHA-256 (hex) of all ids in their order; none when one has none. Only for deliveries that
 * were verified before, because it parses the body.
 */
export function schemeEventId(scheme: WebhookScheme, headers: HeaderBag, body: Uint8Array): string | undefined {
  if (scheme.idHeader !== undefined) {
    const alias = scheme.headerAliases?.[scheme.idHeader];
    const [id = alias === undefined ? undefined : headerValues(headers, alias)[0]] = headerValues(
      headers,
      scheme.idHeader,
    );
    if (id !== undefined || scheme.idField === undefined) return id;
  }
  if (scheme.idField === undefined) return undefined;
  const content = parseBytes(body);
  if (!Array.isArray(content)) return idAt(content, scheme.idField);
  const ids = content.map((item) => idAt(item, scheme.idField));
  if (ids.includes(undefined)) return undefined;
  if (ids.length <= 1) return ids[0];
  return createHash('sha256').update(ids.join('\0')).digest('hex');
}

function idAt(content: unknown, path = ''): string | undefined {
  const id = dottedValue(content, path);
  return typeof id === 'string' && id !== '' && isText(id) ? id : undefined;
}
