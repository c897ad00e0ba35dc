import type { TokenHealth } from '../../src/oauth/token-set.ts';
import type { Style } from '../../src/terminal.ts';

/** The health of a token in its colour; the word alone says it too. */
export function paintHealth(health: TokenHealth, style: Style): string {
  const paint = { valid: style.good, due: style.warn, expired: style.warn, reconnect: style.bad } as const;
  return paint[health](health);
}
