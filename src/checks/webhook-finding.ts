import { isLwiError } from '../errors.ts';
import type { Secret } from '../secret.ts';
import type { WebhookScheme } from '../webhooks/scheme.ts';
import { sign } from '../webhooks/sign.ts';
import { type VerifyInput, verify } from '../webhooks/verify.ts';
import { type Finding, fail, pass } from './check.ts';

/** A delivery that verified when it came. */
export type Witness = Pick<VerifyInput, 'headers' | 'body' | 'method' | 'path'> & {
  /** For people: its id, and how long ago it came. */
  readonly name: string;
};

export interface WebhookFacts {
  readonly title: string;
  readonly scheme: WebhookScheme;
  /** Those in force, at least one. */
  readonly secrets: readonly Secret[];
  /** Where they are from: the name of a variable, `the vault`. */
  readonly source: string;
  /** Those of the vault that are passed over because a variable is set; empty where there are none. */
  readonly passedOver: readonly Secret[];
  /** The newest delivery that is kept; undefined: none came lately. */
  readonly witness: Witness | undefined;
  /** ms since the epoch. */
  readonly now: number;
  /** How to give another secret: a sentence with the command in backquotes. */
  readonly next: string;
}

/** Signed and verified for the try. */
const SAMPLE = new TextEncoder().encode('{"check":"lwi smoke","text":"Zürich → Łódź"}');
const CHANGED = SAMPLE.with(0, 0x5b);
/** Where the sample would be sent, for schemes that sign that too. */
const TARGET = { method: 'POST', path: 'https://receiver.example/webhooks' };

/**
 * Whether deliveries verify: a sample that is signed here does, one with a byte changed does not, and the newest true delivery still does. Only the
 * last one can tell that a secret is not the provider's: whoever has none cannot know what the provider signs with.
 */
export function webhookFinding(facts: WebhookFacts): Finding {
  const { title, secrets, source, passedOver, witness, next } = facts;
  const broken = roundTrip(facts);
  if (broken) return broken;
  const turned = `a sample verifies with the secret of ${source}, and not with a byte changed`;
  if (witness) {
    if (fits(facts, secrets, witness)) return pass(`${turned}; so does the delivery ${witness.name}`);
    const other = fits(facts, passedOver, witness) ? ', but with that of the vault' : '';
    const reason = `Wrong webhook secret: the delivery ${witness.name} verified when it came, and does not with the secret of ${source}${other}.`;
    return fail(reason, next, 'UNVERIFIED');
  }
  const values = new Set(secrets.map((secret) => secret.reveal()));
  if (passedOver.length > 0 && !passedOver.some((secret) => values.has(secret.reveal()))) {
    const reason = `Wrong webhook secret: ${source} and the vault hold different ones, and no delivery has come lately that tells which is ${title}'s.`;
    return fail(reason, next, 'UNVERIFIED');
  }
  return pass(`${turned}; no delivery has come lately that shows that ${title} signs with it`);
}

function roundTrip({ scheme, secrets, now, next }: WebhookFacts): Finding | undefined {
  for (const secret of secrets) {
    let headers: Record<string, string>;
    try {
      headers = sign({ scheme, secret, body: SAMPLE, timestamp: now, method: TARGET.method, url: TARGET.path });
    } catch (error) {
      if (!isLwiError(error, 'INPUT_INVALID')) throw error;
      return fail(`Wrong webhook secret: ${error.message}.`, next, error.code);
    }
    const seen = (body: Uint8Array) => verify({ scheme, secrets, headers, body, now, hints: false, ...TARGET });
    const { verdict, detail } = seen(SAMPLE);
    if (verdict !== 'verified')
      return fail(`A sample that was signed here does not verify: ${detail}.`, next, 'INTERNAL');
    if (seen(CHANGED).verdict === 'verified')
      return fail('A sample verifies although a byte of it was changed.', next, 'INTERNAL');
  }
  return undefined;
}

/** Its age is of no matter: it was looked at when it came. */
function fits({ scheme }: WebhookFacts, secrets: readonly Secret[], { name: _, ...delivery }: Witness): boolean {
  return verify({ scheme, secrets, ...delivery, now: 0, toleranceMs: Infinity, hints: false }).verdict === 'verified';
}
