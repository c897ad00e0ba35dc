import type { ConnectionKey, Environment } from '../connection.ts';

/** A connection as far as OAuth must know it; a stored row fits. */
export interface OAuthTarget extends ConnectionKey {
  readonly env: Environment;
  readonly variant?: string | undefined;
  /** The stored row's id and sealed app credentials, where there is a row. */
  readonly id?: string;
  readonly client?: Uint8Array | undefined;
}
