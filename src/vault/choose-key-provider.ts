import type { Clock } from '../clock.ts';
import { LwiError } from '../errors.ts';
import {
  environmentKey,
  fileKey,
  KEY_FILE_VARIABLE,
  KEY_VARIABLE,
  NEW_KEY_FILE_VARIABLE,
  NEW_KEY_VARIABLE,
} from './environment-key.ts';
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
  return given(environment, KEY_VARIABLE, KEY_FILE_VARIABLE) ?? keychainKey({ vaultId, clock, onStuck });
}

/** The key that the environment gives to `lwi key rotate` as the next one, by the same rules; undefined when it gives none. */
export function chooseNewKey(environment: KeyChoice['environment']): KeyProvider | undefined {
  return given(environment, NEW_KEY_VARIABLE, NEW_KEY_FILE_VARIABLE);
}

function given(environment: KeyChoice['environment'], variable: string, fileVariable: string): KeyProvider | undefined {
  const text = environment[variable];
  const path = environment[fileVariable];
  if (text !== undefined && path !== undefined) {
    throw new LwiError('USAGE', `${variable} and ${fileVariable} are both set.`, { hint: 'Unset one of them.' });
  }
  if (text !== undefined) return environmentKey(text, variable);
  return path === undefined ? undefined : fileKey(path, fileVariable);
}
