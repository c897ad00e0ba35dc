import type { WebhookDefinition } from './providers/generic/definition.ts';
import { count, matching, object, oneOf, optional, type Schema, v } from './schema.ts';
import { PRESET_NAMES } from './webhooks/presets.ts';

const HEADER = 'a header name';
/** The name of a header. */
export const header = matching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, HEADER);
/** The value of a header. */
export const headerValue = matching(/^[\x20-\x7e]*$/, 'printable ASCII');
/** The webhooks of a provider of the user's own. */
export const webhook: Schema<WebhookDefinition> = v.pipe(
  object({
    scheme: optional(oneOf(PRESET_NAMES)),
    algorithm: optional(oneOf(['sha1', 'sha256', 'sha512'])),
    encoding: optional(oneOf(['hex', 'base64', 'base64url'])),
    header: optional(header),
    prefix: optional(headerValue),
    timestampHeader: optional(header),
    signed: optional(v.string('a template')),
    idHeader: optional(header),
    toleranceMs: optional(count(31 * 24 * 3_600_000)),
  }),
  v.check(
    ({ scheme = 'hmac', idHeader: _id, toleranceMs: _tolerance, ...rest }) =>
      scheme === 'hmac' || Object.keys(rest).length === 0,
    'nothing beside scheme, idHeader and toleranceMs, because the preset settles the rest',
  ),
  v.check(({ signed = '{body}' }) => signed.split('{body}').length === 2, '`signed` to hold {body} exactly once'),
  v.check(
    ({ signed = '' }) => !/\{(?!timestamp\}|id\}|body\})/.test(signed),
    '`signed` to hold no placeholder but {timestamp}, {id} and {body}',
  ),
  v.check(
    ({ signed, timestampHeader }) =>
      signed === undefined || signed.includes('{timestamp}') === (timestampHeader !== undefined),
    '`timestampHeader` and {timestamp} in `signed` together: a time that is not signed protects from nothing',
  ),
  v.check(
    ({ signed = '', idHeader }) => idHeader !== undefined || !signed.includes('{id}'),
    '`idHeader`, because `signed` holds {id}',
  ),
);
