import { LwiError } from '../errors.ts';

interface Trouble {
  /** In the message of keytar, libsecret (through GLib's D-Bus) or the system's keychain. */
  readonly sign: RegExp;
  readonly why: string;
  readonly hint?: string;
}

/** Messages as seen with keytar 7.10 and libsecret 0.20 (test/system/keychain.test.ts provokes the ones of Linux). */
const TROUBLES: readonly Trouble[] = [
  {
    sign: /Failed to load keytar native addon|Cannot find (module|package)/,
    why: 'its library cannot be loaded',
    hint: 'Install libsecret (Debian: `apt-get install libsecret-1-0`), or set LWI_ENCRYPTION_KEY.',
  },
  {
    sign: /autolaunch|Could not connect|error connecting|connection is closed|Connection refused/i,
    why: 'no D-Bus session bus can be reached',
    hint: 'Run lwi in a login session (or under `dbus-run-session`), or set LWI_ENCRYPTION_KEY.',
  },
  {
    sign: /not provided by any \.service files|ServiceUnknown|no such secret collection|Object does not exist/i,
    why: 'no secret service answers on the session bus',
    hint: 'Start a secret service such as gnome-keyring, or set LWI_ENCRYPTION_KEY.',
  },
  {
    sign: /locked|interaction is not allowed|prompt|dismissed/i,
    why: 'it is locked',
    hint: 'Unlock the keychain and run the command again, or set LWI_ENCRYPTION_KEY.',
  },
];

/** Turns what went wrong in the keychain at `place` into KEYCHAIN_UNAVAILABLE that says which trouble it is, if that is known. */
export function explainKeychain(error: unknown, place: string): LwiError {
  if (error instanceof LwiError) return error;
  const said = error instanceof Error ? error.message : String(error);
  const { why, hint } = TROUBLES.find(({ sign }) => sign.test(said)) ?? { why: 'it refused' };
  return new LwiError('KEYCHAIN_UNAVAILABLE', `the ${place} cannot be used: ${why} (${said})`, { hint, cause: error });
}
