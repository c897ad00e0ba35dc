import { inspect } from 'node:util';

const REDACTED = '[redacted]';

/** Shorter values would be found in ordinary text. */
const SHORTEST = 8;

/** How many values are remembered at most; the oldest go first, in a process that runs for weeks. */
const MOST = 1000;

const known = new Set<string>();

/** Every value that is or was a Secret in this process, so that a provider that echoes one cannot have it printed. */
export function knownSecrets(): Iterable<string> {
  return known;
}

/**
 * A value that must not be shown. Printing, serialising or inspecting it gives `[redacted]`; `reveal()` gives the value,
 * and every use of it can be found by its name.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
    if (value.length < SHORTEST) return;
    known.add(value);
    const [oldest] = known;
    if (known.size > MOST && oldest !== undefined) known.delete(oldest);
  }

  reveal(): string {
    return this.#value;
  }

  /** First 12 hex digits of the SHA-256 of the value: enough to compare two secrets, useless to guess a token. */
  fingerprint(): string {
    // Loaded on use: node:crypto costs several milliseconds, and most commands that carry a secret never need it.
    const { createHash } = process.getBuiltinModule('node:crypto');
    return createHash('sha256').update(this.#value).digest('hex').slice(0, 12);
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
