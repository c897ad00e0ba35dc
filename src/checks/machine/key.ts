import type { KeyStatus } from '../../vault/key-status.ts';
import { type Check, type Finding, fail, pass, skip } from '../check.ts';

export interface KeyDeps {
  /** Asked once for both checks. Throws what the store and the choice of the place throw. */
  readonly status: () => Promise<KeyStatus>;
  /** Why the database was not opened, for people; undefined when it was, or when there is none yet. */
  readonly databaseTrouble: () => Promise<string | undefined>;
}

/** What is said of the key where nobody can look at what was sealed with it. The check of the database tells why. */
export const DATABASE_SHUT: Finding = skip('the database does not open');

/** The keychain by itself, and whether the key that is at hand opens the database. */
export function keyChecks({ status, databaseTrouble }: KeyDeps): readonly [keychain: Check, key: Check] {
  return [
    { name: 'keychain', run: async () => keychainFinding(await status()) },
    {
      name: 'key',
      run: async () => {
        const trouble = await databaseTrouble();
        if (trouble !== undefined) return skip(trouble);
        const known = await status();
        const { inUse, problem } = known.keychain;
        return inUse && problem ? skip('keychain did not pass') : keyFinding(known);
      },
    },
  ];
}

function keychainFinding({ place, keychain: { inUse, problem } }: KeyStatus): Finding {
  if (!problem) return pass(inUse ? 'works, and keeps the key' : `works; not in use: the key comes from ${place}`);
  if (inUse) return fail(problem.message, problem.hint, problem.code);
  return skip(`not in use: the key comes from ${place}. It would not work here: ${problem.message}`);
}

/** Whether the key that is at hand opens the database. */
export function keyFinding({ place, keyId, opens, problem, leftover }: KeyStatus): Finding {
  if (problem) return fail(problem.message, problem.hint, problem.code);
  if (opens === 'no-key-yet') return pass(`nothing is sealed yet; the key will come from ${place}`);
  const waiting = leftover > 0 ? `; ${leftover} old ones go with the next \`lwi key rotate\`` : '';
  return pass(`key ${keyId}, from ${place}, opens the database${waiting}`);
}
