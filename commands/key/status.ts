import type { Context } from '../../src/context.ts';
import type { LwiError } from '../../src/errors.ts';
import type { KeyStatus } from '../../src/vault/key-status.ts';
import type { Define } from '../shared/define.ts';

export const define: Define = (parent, run) => {
  parent
    .command('status')
    .description('where the key is, whether it opens the database, whether the keychain works')
    .action(run(showKeyStatus));
};

/** Shows the state of the key; the exit code is that of the trouble when it does not open the database. */
async function showKeyStatus(context: Context): Promise<number | undefined> {
  const { keyPlaces } = await import('./key-places.ts');
  const { keyStatus } = await import('../../src/vault/key-status.ts');
  const { terminal } = context;
  const store = await context.existingStore();
  const { inUse, keychain } = await keyPlaces(context, store);
  const status = await keyStatus({ store, keyProvider: inUse, keychain });
  if (terminal.json) terminal.document({ ...status, problem: shown(status.problem), keychain: keychainOf(status) });
  else terminal.out(...(await linesOf(status, context)));
  return status.problem?.exitCode;
}

async function linesOf(status: KeyStatus, { terminal }: Context): Promise<string[]> {
  const { renderPairs } = await import('../../src/table.ts');
  const { style } = terminal;
  const { problem, keychain } = status;
  const opens = {
    yes: style.good('yes'),
    no: `${style.bad('no')}: ${problem?.message} ${problem?.hint}`,
    'no-key-yet': 'nothing is sealed yet',
  };
  const works = keychain.works ? style.good('works') : `${style.warn('does not work')}: ${keychain.problem?.message}`;
  return renderPairs(
    [
      ['key from', status.place],
      ['key id', status.keyId ?? 'none'],
      ['opens', opens[status.opens]],
      ['keychain', `${works}${keychain.inUse ? '' : ' (not in use)'}`],
      ['left over', status.leftover > 0 ? `${status.leftover} (removed by the next \`lwi key rotate\`)` : ''],
    ],
    terminal.tableWidth,
  );
}

const keychainOf = ({ keychain }: KeyStatus) => ({ ...keychain, problem: shown(keychain.problem) });

const shown = (problem: LwiError | undefined) =>
  problem && { code: problem.code, message: problem.message, hint: problem.hint };
