import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import { readSecret } from '../shared/read-secret.ts';

const VARIABLE = 'LWI_KEY_PASSPHRASE';

interface Wanted {
  /** Ask a second time, because nobody could correct a slip later. */
  readonly twice: boolean;
  /** Whether stdin is read for something else. */
  readonly stdinTaken: boolean;
}

/**
 * The passphrase of a backup: from the variable, also when it is empty; else from stdin or a hidden prompt. Throws INPUT_NEEDED
 * when it comes from nowhere, INPUT_INVALID when the two answers differ.
 */
export async function readPassphrase(context: Context, { twice, stdinTaken }: Wanted): Promise<string> {
  const { host, prompt } = context;
  const given = host.env[VARIABLE];
  if (given !== undefined) return given;
  if (stdinTaken) {
    throw new LwiError('INPUT_NEEDED', 'The backup comes on stdin, so that the passphrase cannot.', {
      hint: `Set ${VARIABLE}, or name the file of the backup.`,
    });
  }
  const passphrase = await readSecret(context, 'Passphrase of the backup:', VARIABLE);
  if (!twice || !host.stdin.isTTY) return passphrase;
  const again = (await prompt.secret('The same passphrase again:', VARIABLE)).reveal();
  if (again !== passphrase) throw new LwiError('INPUT_INVALID', 'The two passphrases differ. Nothing was written.');
  return passphrase;
}
