import type { KeyObject } from 'node:crypto';
import { Secret } from '../secret.ts';
import type { WebhookScheme } from './scheme.ts';
import { type SignedParts, secretKey } from './signature.ts';

export interface Mismatch {
  readonly scheme: WebhookScheme;
  readonly keys: readonly KeyObject[];
  readonly secrets: readonly Secret[];
  readonly parts: SignedParts;
  /** Whether a signature of the delivery fits these keys and parts. */
  fits(keys: readonly KeyObject[], parts: SignedParts): boolean;
}

const LF = 0x0a;
const CR = 0x0d;

/**
 * Tries the usual accidents: a line break added to or cut from the end of the body, line ends converted, white space around
 * the secret. Names the one with which the signature would fit; undefined when none does.
 */
export function explainMismatch({ scheme, keys, secrets, parts, fits }: Mismatch): string | undefined {
  const fitsBody = (body: Uint8Array | undefined) => body !== undefined && fits(keys, { ...parts, body });
  const { body } = parts;
  if (fitsBody(withoutLastBreak(body))) {
    return 'the signature fits the body without its trailing newline: an editor or shell added it; give the bytes as they came';
  }
  if (fitsBody(joined(body, [LF])) || fitsBody(joined(body, [CR, LF]))) {
    return 'the signature fits the body with a trailing newline, which was cut off when it was captured';
  }
  if (fitsBody(withLineFeeds(body))) {
    return 'the signature fits the body with LF line ends: they were converted to CRLF when it was captured';
  }
  const trimmed = secrets.map((secret) => new Secret(secret.reveal().trim()));
  const trimmedKeys = trimmed.map((secret) => secretKey(scheme, secret)).filter((key) => key !== undefined);
  if (trimmedKeys.length > 0 && fits(trimmedKeys, parts)) {
    return 'the signature fits the secret without the white space around it: store the secret again without it';
  }
  return undefined;
}

function withoutLastBreak(body: Uint8Array): Uint8Array | undefined {
  if (body.at(-1) !== LF) return undefined;
  return body.subarray(0, body.at(-2) === CR ? -2 : -1);
}

function joined(body: Uint8Array, tail: readonly number[]): Uint8Array {
  return Buffer.concat([body, Buffer.from(tail)]);
}

function withLineFeeds(body: Uint8Array): Uint8Array | undefined {
  if (!body.includes(CR)) return undefined;
  return body.filter((byte, index) => byte !== CR || body[index + 1] !== LF);
}
