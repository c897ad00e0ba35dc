import type { Clock } from '../clock.ts';
import { LwiError } from '../errors.ts';
import { environmentKey, fileKey, KEY_FILE_VARIABLE, KEY_VARIABLE } from './environment-key.ts';
import type { KeyProvider } from './key-provider.ts';
import { keychainKey } from './keychain-key.ts';

export interface KeyChoice {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of the database that the key opens; see `Store.vaultId`. */
  readonly vaultId: string;
  readonly clock: Clock;
  /** Called when the keychain hangs; see `KeychainOptions`. */
  readonly onStuck?: (() => void) | undefined;
}

/**
 * The place of the key: the environment when it names one, else the keychain. A variable that is set is obeyed, also when it
 * is empty; there is no fall-back from one place to another. Throws USAGE when two places are named.
 */
export function chooseKeyProvider({ environment, vaultId, clock, onStuck }: KeyChoice): KeyProvider {
  const text = environment[KEY_VARIABLE];
  const path = environment[KEY_FILE_VARIABLE];
  if (text !== undefined && path !== undefined) {
    throw new LwiError('USAGE', `${KEY_VARIABLE} and ${KEY_FILE_VARIABLE} are both set`, {
      hint: 'Unset one of them.',
    });
  }
  if (text !== undefined) return environmentKey(text);
  if (path !== undefined) return fileKey(path);
  return keychainKey({ vaultId, clock, onStuck });
}
