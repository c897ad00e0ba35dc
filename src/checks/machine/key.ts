import type { KeyStatus } from '../../vault/key-status.ts';
import { type Check, type Finding, fail, pass, skip } from '../check.ts';

export interface KeyDeps {
  /** Asked once for both checks. Throws what the store and the choice of the place throw. */
  readonly status: () => Promise<KeyStatus>;
  /** Why the database was not opened, for people; undefined when it was, or when there is none yet. */
  readonly databaseTrouble: () => Promise<string | undefined>;
}

/** The keychain by itself, and whether the key that is at hand opens the database. */
export function keyChecks({ status, databaseTrouble }: KeyDeps): readonly [keychain: Check, key: Check] {
  return [
    { name: 'keychain', run: async () => keychainFinding(await status()) },
    {
      name: 'key',
      run: async () => {
        const trouble = await databaseTrouble();
        if (trouble !== undefined) return skip(trouble);
        return keyFinding(await status());
      },
    },
  ];
}

function keychainFinding({ place, keychain: { inUse, works, problem } }: KeyStatus): Finding {
  if (works) return pass(inUse ? 'works, and keeps the key' : `works; not in use: the key comes from ${place}`);
  if (inUse) return fail(problem?.message ?? 'it does not work', problem?.hint ?? '', problem?.code);
  return skip(`not in use: the key comes from ${place}. It would not work here: ${problem?.message}`);
}

function keyFinding({ place, keyId, opens, problem, keychain, leftover }: KeyStatus): Finding {
  if (keychain.inUse && !keychain.works) return skip('keychain did not pass');
  if (problem) return fail(problem.message, problem.hint, problem.code);
  if (opens === 'no-key-yet') return pass(`nothing is sealed yet; the key will come from ${place}`);
  const waiting = leftover > 0 ? `; ${leftover} old ones go with the next \`lwi key rotate\`` : '';
  return pass(`opens the database: ${keyId}, from ${place}${waiting}`);
}
