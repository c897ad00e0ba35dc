import { inspect } from 'node:util';

const REDACTED = '[redacted]';

/**
 * A value that must not be shown. Printing, serialising or inspecting it gives `[redacted]`; `reveal()` gives the value,
 * and every use of it can be found by its name.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
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
