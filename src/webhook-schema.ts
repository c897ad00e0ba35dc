import { count, flag, matching, object, oneOf, optional, published, type Schema, text, v } from './schema.ts';
import { BESIDE_PRESET, PRESET_NAMES, type WebhookDefinition } from './webhooks/presets.ts';

/** The name of a header. */
export const header = matching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'a header name');
/** The value of a header. */
export const headerValue = matching(/^[\x20-\x7e]*$/, 'printable ASCII');
const mark = matching(/^[\x20-\x7e]+$/, 'printable ASCII, not empty');
/** What a header value may begin with: HTTP takes blanks in front off. */
const front = matching(/^(?! )[\x20-\x7e]*$/, 'printable ASCII that does not begin with a blank');

/** What may stand around the one `{body}`. */
const AROUND = '(?:[^{]|\\{(?:timestamp|id|method|url)\\})*';
const template = v.pipe(
  v.string('a template'),
  v.check((signed) => signed.split('{body}').length === 2, 'a template that holds {body} exactly once'),
  v.check(
    (signed) => !/\{(?!timestamp\}|id\}|body\}|method\}|url\})/.test(signed),
    'a template with no placeholder but {timestamp}, {id}, {body}, {method} and {url}',
  ),
  published({ pattern: `^${AROUND}\\{body\\}${AROUND}$` }),
);

/** A signature would be cut where it holds the separator. */
const separator = matching(
  /^(?=.*[^A-Za-z0-9+/=_-])[\x20-\x7e]+$/,
  'printable ASCII with a character that no signature holds',
);

const timestampPrefix = matching(
  /^[\x21-\x7e][\x20-\x7e]*$/,
  'printable ASCII, not empty, that does not begin with a blank',
);

type Member = keyof WebhookDefinition;
type Rule = readonly [member: Member, fits: (webhook: WebhookDefinition) => boolean, expected: string];

const isTimed = ({ timestampHeader, timestampPrefix }: WebhookDefinition) =>
  timestampHeader !== undefined || timestampPrefix !== undefined;
const signs = ({ signed }: WebhookDefinition, field: string) => signed?.includes(field) ?? false;
const holds = (whole: string | undefined, part: string | undefined) =>
  whole !== undefined && part !== undefined && whole.includes(part);

/** What the signatures of all encodings consist of, padding aside. */
const DIGITS = /^[A-Za-z0-9+/_-]*$/;
/** A signature stands behind its prefix, or bare, where it begins with letters and digits. */
const mayBeginSignature = ({ prefix = '', prefixOptional }: WebhookDefinition, text: string) =>
  (prefix !== '' && (prefix.startsWith(text) || text.startsWith(prefix))) ||
  ((prefix === '' || prefixOptional === true) && DIGITS.test(text));
const differ = (name: string | undefined, others: readonly (string | undefined)[]) =>
  name === undefined || others.every((other) => other?.toLowerCase() !== name.toLowerCase());

/** What members ask of each other; a problem is told of the member that must change. */
const RULES: readonly Rule[] = [
  [
    'timestampPrefix',
    (webhook) => webhook.timestampPrefix === undefined || webhook.timestampHeader === undefined,
    'nothing, because `timestampHeader` says where the time is',
  ],
  [
    'separator',
    (webhook) => webhook.timestampPrefix === undefined || webhook.separator !== undefined,
    'what stands between time and signature, because `timestampPrefix` puts both into one header',
  ],
  [
    'separator',
    ({ separator: between, prefix, timestampPrefix }) => !holds(prefix, between) && !holds(timestampPrefix, between),
    'a separator that no prefix holds',
  ],
  [
    'timestampPrefix',
    (webhook) => webhook.timestampPrefix === undefined || !mayBeginSignature(webhook, webhook.timestampPrefix),
    'a prefix that no signature begins with',
  ],
  [
    'signed',
    (webhook) => webhook.signed === undefined || !isTimed(webhook) || signs(webhook, '{timestamp}'),
    'a template that holds {timestamp}: a time that is not signed protects from nothing',
  ],
  [
    'timestampHeader',
    (webhook) => isTimed(webhook) || !signs(webhook, '{timestamp}'),
    'a header name, or `timestampPrefix`, because `signed` holds {timestamp}',
  ],
  [
    'timestampUnit',
    (webhook) => isTimed(webhook) || webhook.timestampUnit === undefined,
    'nothing, because neither `timestampHeader` nor `timestampPrefix` says where the time is',
  ],
  [
    'idHeader',
    (webhook) => webhook.idHeader !== undefined || !signs(webhook, '{id}'),
    'a header name, because `signed` holds {id}',
  ],
  [
    'timestampHeader',
    ({ timestampHeader, header: signature = 'x-signature', idHeader }) =>
      differ(timestampHeader, [signature, idHeader]),
    'another header than those of signature and id',
  ],
  [
    'idHeader',
    ({ idHeader, header: signature = 'x-signature' }) => differ(idHeader, [signature]),
    'another header than that of the signature',
  ],
  [
    'prefixOptional',
    ({ prefix = '', prefixOptional }) => !prefixOptional || !DIGITS.test(prefix),
    'nothing, because a signature without its `prefix` could not be told from one with it',
  ],
  [
    'secretPrefix',
    ({ secretPrefix, secretEncoding = 'utf8' }) => secretPrefix === undefined || secretEncoding !== 'utf8',
    'nothing, because `secretEncoding` is utf8, and then the whole secret is the key',
  ],
];

/** A preset settles all that is signed: beside it stand only members of `BESIDE_PRESET`. */
const foreign = ({ scheme = 'hmac', ...rest }: WebhookDefinition): readonly string[] =>
  scheme === 'hmac' ? [] : Object.keys(rest).filter((name) => !(BESIDE_PRESET as readonly string[]).includes(name));

/** Those of the rules that are about which members there are. */
const RULES_OF_SHAPE = {
  dependencies: {
    timestampPrefix: ['separator'],
    timestampUnit: { anyOf: [{ required: ['timestampHeader'] }, { required: ['timestampPrefix'] }] },
    secretPrefix: { required: ['secretEncoding'], properties: { secretEncoding: { enum: ['base64', 'hex'] } } },
  },
  not: { required: ['timestampHeader', 'timestampPrefix'] },
  if: { required: ['scheme'], properties: { scheme: { not: { const: 'hmac' } } } },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
  then: { propertyNames: { enum: ['scheme', ...BESIDE_PRESET] } },
};

/** How the webhooks of a provider of the user's own are signed. */
export const webhook: Schema<WebhookDefinition> = v.pipe(
  object({
    scheme: optional(oneOf(PRESET_NAMES)),
    algorithm: optional(oneOf(['sha1', 'sha256', 'sha512'])),
    encoding: optional(oneOf(['hex', 'base64', 'base64url'])),
    header: optional(header),
    prefix: optional(front),
    prefixOptional: optional(flag),
    separator: optional(separator),
    timestampHeader: optional(header),
    timestampPrefix: optional(timestampPrefix),
    timestampUnit: optional(oneOf(['s', 'ms'])),
    signed: optional(template),
    secretEncoding: optional(oneOf(['utf8', 'base64', 'hex'])),
    secretPrefix: optional(mark),
    idHeader: optional(header),
    idField: optional(text),
    typeHeader: optional(header),
    toleranceMs: optional(count(31 * 24 * 3_600_000)),
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed || dataset.issues) return;
    const { value } = dataset;
    const tell = (member: string, message: string) => {
      const found = (value as Record<string, unknown>)[member];
      const path = { type: 'object', origin: 'value', input: { ...value }, key: member, value: found } as const;
      addIssue({ message, path: [path] });
    };
    const [stray] = foreign(value);
    if (stray !== undefined) {
      tell(stray, `nothing beside scheme, ${BESIDE_PRESET.join(', ')}: the preset ${value.scheme} settles the rest`);
      return;
    }
    const broken = RULES.filter(([, fits]) => !fits(value));
    for (const [member, , expected] of broken) tell(member, expected);
  }),
  published(RULES_OF_SHAPE),
);
