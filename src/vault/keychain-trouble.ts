import { LwiError } from '../errors.ts';

interface Trouble {
  /** In the message of keytar, libsecret (through GLib's D-Bus) or the system's keychain. */
  readonly sign: RegExp;
  readonly why: string;
  readonly hint?: string;
}

/**
 * The way without a keychain, to be run as it stands. It is for a database that has no key yet: one that was sealed with a key of the keychain
 * needs that key. An existing file is not overwritten.
 */
const KEY_FILE =
  'To keep the key of a new database in a file instead, run ' +
  '`(umask 077; set -C; lwi key generate >"$HOME/.lwi-key"); export LWI_ENCRYPTION_KEY_FILE="$HOME/.lwi-key"` and the command again.';

/** Messages as seen with keytar 7.10 and libsecret 0.20 (test/system/keychain.test.ts provokes the ones of Linux). */
const TROUBLES: readonly Trouble[] = [
  {
    sign: /Failed to load keytar native addon|Cannot find (module|package)/,
    why: 'its library cannot be loaded',
    hint: `Install libsecret (Debian: \`apt-get install libsecret-1-0\`). ${KEY_FILE}`,
  },
  {
    sign: /autolaunch|Could not connect|error connecting|connection is closed|Connection refused/i,
    why: 'no D-Bus session bus can be reached',
    hint: `Run lwi in a login session, or under \`dbus-run-session\` with a secret service. ${KEY_FILE}`,
  },
  {
    sign: /not provided by any \.service files|ServiceUnknown|no such secret collection|Object does not exist/i,
    why: 'no secret service answers on the session bus',
    hint: `Start a secret service such as gnome-keyring (Debian: \`apt-get install gnome-keyring\`). ${KEY_FILE}`,
  },
  {
    sign: /locked|interaction is not allowed|prompt|dismissed/i,
    why: 'it is locked',
    hint: 'Unlock the keychain and run the command again. Nothing was changed.',
  },
];

/** Turns what went wrong in the keychain at `place` into KEYCHAIN_UNAVAILABLE that says which trouble it is, if that is known. */
export function explainKeychain(error: unknown, place: string): LwiError {
  if (error instanceof LwiError) return error;
  const said = error instanceof Error ? error.message : String(error);
  const { why, hint } = TROUBLES.find(({ sign }) => sign.test(said)) ?? { why: 'it refused' };
  return new LwiError('KEYCHAIN_UNAVAILABLE', `The ${place} cannot be used: ${why} (${said}).`, { hint, cause: error });
}
