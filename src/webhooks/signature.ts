import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { Secret } from '../secret.ts';
import type { WebhookScheme } from './scheme.ts';

/** Length of an HMAC, bytes. */
const MAC_BYTES = { sha1: 20, sha256: 32, sha512: 64 } as const;

/** What the template of a scheme is filled with. */
export interface SignedParts {
  readonly body: Uint8Array;
  /** The time as the header spells it, not as a number: its text is what is signed. */
  readonly timestamp?: string | undefined;
  readonly id?: string | undefined;
  readonly method?: string | undefined;
  readonly url?: string | undefined;
}

type TemplateField = keyof SignedParts;

const FIELD = /\{(timestamp|id|body|method|url)\}/;

/** The pieces of each template: text and names of fields alternate, because splitting on a group keeps what it caught. */
const templates = new WeakMap<WebhookScheme, readonly string[]>();

function piecesOf(scheme: WebhookScheme): readonly string[] {
  const known = templates.get(scheme);
  if (known !== undefined) return known;
  const pieces = scheme.signed.split(FIELD);
  templates.set(scheme, pieces);
  return pieces;
}

/** Whether the signature covers `field`. */
export function covers(scheme: WebhookScheme, field: TemplateField): boolean {
  return piecesOf(scheme).some((piece, index) => index % 2 === 1 && piece === field);
}

/** The HMAC of the filled template (RFC 2104). The body goes in as it is, without a copy. */
export function computeMac(scheme: WebhookScheme, key: KeyObject, parts: SignedParts): Buffer {
  const hmac = createHmac(scheme.algorithm, key);
  for (const [index, piece] of piecesOf(scheme).entries()) {
    const part = index % 2 === 0 ? piece : (parts[piece as TemplateField] ?? '');
    if (part.length > 0) hmac.update(part);
  }
  return hmac.digest();
}

/** A MAC as the scheme spells it, without its prefix. base64url has no padding (RFC 4648, 5 with 3.2). */
export function encodeMac(scheme: WebhookScheme, mac: Buffer): string {
  return mac.toString(scheme.encoding);
}

/**
 * The bytes of a signature, or undefined unless the text is exactly what encoding those bytes gives: hex in lower case, base64
 * with its padding and no spare bits, nothing before, between or behind. base64url may bear its padding too.
 */
export function decodeMac(scheme: WebhookScheme, text: string): Buffer | undefined {
  const bytes = Buffer.from(text, scheme.encoding);
  if (bytes.length !== MAC_BYTES[scheme.algorithm]) return undefined;
  const plain = encodeMac(scheme, bytes);
  const padded = scheme.encoding === 'base64url' ? plain.padEnd(Math.ceil(plain.length / 4) * 4, '=') : plain;
  return text === plain || text === padded ? bytes : undefined;
}

/** What the scheme's signatures look like, for messages: `64 lower-case hex digits`. */
export function describeMac(scheme: WebhookScheme): string {
  const bytes = MAC_BYTES[scheme.algorithm];
  return scheme.encoding === 'hex' ? `${bytes * 2} lower-case hex digits` : `${scheme.encoding} of ${bytes} bytes`;
}

/** Keys made of secrets before, by what the schemes make of them. */
const keys = new WeakMap<Secret, Map<string, KeyObject | undefined>>();

/**
 * The HMAC key of a secret, or undefined when the secret is empty or not in the form the scheme asks for. A KeyObject, because Node
 * takes four times as long to set up an HMAC with the same bytes in a Buffer; kept as long as the secret is, because making it takes as
 * long as the HMAC of a small body.
 */
export function secretKey(scheme: WebhookScheme, secret: Secret): KeyObject | undefined {
  const form = `${scheme.secretEncoding ?? 'utf8'}:${scheme.secretPrefix ?? ''}`;
  const made = keys.get(secret) ?? new Map<string, KeyObject | undefined>();
  if (made.has(form)) return made.get(form);
  const key = makeKey(scheme, secret.reveal());
  keys.set(secret, made.set(form, key));
  return key;
}

function makeKey({ secretEncoding, secretPrefix = '' }: WebhookScheme, text: string): KeyObject | undefined {
  if (secretEncoding === undefined) return text === '' ? undefined : createSecretKey(text, 'utf8');
  const encoded = text.startsWith(secretPrefix) ? text.slice(secretPrefix.length) : text;
  const key = Buffer.from(encoded, secretEncoding);
  const canonical = key.toString(secretEncoding);
  // Hex of a secret is no header that somebody could alter: both cases are the same key.
  const given = secretEncoding === 'hex' ? encoded.toLowerCase() : encoded;
  const whole = given === canonical || given === canonical.replace(/=+$/, '');
  return key.length > 0 && whole ? createSecretKey(key) : undefined;
}

/** Percent-encodings that HubSpot decodes before it signs: `: / ? @ ! $ ' ( ) * , ;`. */
const DECODED = /%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi;

/**
 * The URL as the scheme signs it: as requested, or for HubSpot with some percent-encodings decoded (developers.hubspot.com, "Validating
 * requests", v3). `target` is the path with its query, behind `https://` and the host, or an absolute URL.
 */
export function signedUrl({ urlForm }: WebhookScheme, host: string, target: string): string {
  const url = /^https?:\/\//i.test(target) ? target : `https://${host}${target}`;
  return urlForm === 'hubspot' ? url.replace(DECODED, (code) => decodeURIComponent(code)) : url;
}
