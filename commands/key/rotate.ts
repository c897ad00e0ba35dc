import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import type { KeyProvider } from '../../src/vault/key-provider.ts';
import type { Rotated } from '../../src/vault/rotate-key.ts';
import type { Define } from '../shared/define.ts';
import type { KeyPlaces } from './key-places.ts';

export const define: Define = (parent, run) => {
  parent
    .command('rotate')
    .description('make a new key and seal everything anew with it')
    .option('--to-keychain', 'make the new key in the keychain, when the old one comes from the environment')
    .action(run(rotate));
};

async function rotate(context: Context, options: { toKeychain?: boolean }): Promise<undefined> {
  const { keyPlaces, storeWithKey } = await import('./key-places.ts');
  const { aloneWithVault } = await import('./alone.ts');
  const { rotateKey } = await import('../../src/vault/rotate-key.ts');
  const { clock, owner, signal, terminal } = context;
  const store = await storeWithKey(context);
  const places = await keyPlaces(context, store);
  const to = await nextPlace(context, places, options.toKeychain === true);
  const rotated = await aloneWithVault({ store, clock, owner }, signal, (held) =>
    rotateKey({ store, from: places.inUse, to, held }),
  );
  for (const warning of warningsOf(rotated)) terminal.warn(warning);
  const { outcome, keyId, previousKeyId, resealed, erased, oldKey } = rotated;
  if (terminal.json) {
    return void terminal.document({ outcome, keyId, previousKeyId, resealed, erased, oldKey, place: to.describe() });
  }
  if (outcome === 'rotated')
    terminal.out(`${terminal.style.good('rotated')} to key ${keyId} from ${to.describe()}; ${resealed} sealed anew`);
  else terminal.out(`The database is sealed with key ${keyId} from ${to.describe()} already.`);
  for (const step of stepsAfter(places, to, store.shared)) terminal.say(step);
}

/** Where the next key comes from. Throws USAGE when that is not clear, with the commands to run. */
async function nextPlace({ host }: Context, { inUse, keychain }: KeyPlaces, toKeychain: boolean): Promise<KeyProvider> {
  const { chooseNewKey } = await import('../../src/vault/choose-key-provider.ts');
  const given = chooseNewKey(host.env);
  if (given && toKeychain) {
    throw new LwiError('USAGE', `${given.describe()} gives a new key, and --to-keychain asks for another.`, {
      hint: 'Unset the variable, or leave out --to-keychain.',
    });
  }
  if (given) return given;
  if (toKeychain || inUse === keychain) return keychain;
  throw new LwiError(
    'USAGE',
    `The key comes from ${inUse.describe()}, which lwi does not write: give the new key too.`,
    {
      hint: host.env['LWI_ENCRYPTION_KEY'] === undefined ? NEW_FILE : NEW_TEXT,
    },
  );
}

const TO_KEYCHAIN = 'Or move the key into the keychain: `lwi key rotate --to-keychain`.';
const NEW_TEXT = `Run \`export LWI_NEW_ENCRYPTION_KEY="$(lwi key generate -q)"\`, keep that value where you keep the old one, run \`lwi key rotate\`, and then set LWI_ENCRYPTION_KEY to it. ${TO_KEYCHAIN}`;
const NEW_FILE = `Run \`(umask 077; lwi key generate -q > new.key)\` and \`LWI_NEW_ENCRYPTION_KEY_FILE=new.key lwi key rotate\`, and then put new.key in the place of the old file. ${TO_KEYCHAIN}`;

/** What the person has to do now, because lwi changes no environment, and no keychain of another machine. */
function stepsAfter({ inUse, keychain }: KeyPlaces, to: KeyProvider, shared: boolean): string[] {
  if (to !== keychain) {
    return [
      `Now give the new key to every process of this database: LWI_ENCRYPTION_KEY or LWI_ENCRYPTION_KEY_FILE must have what ${to.describe()} has. The old key is of use for older copies of the database only.`,
    ];
  }
  return [
    ...(inUse === keychain
      ? []
      : [`Now unset the variable that gives ${inUse.describe()}: the key is in the ${to.describe()}.`]),
    ...(shared
      ? [
          'Other machines that use this database need the new key: run `lwi key export <file>` here and `lwi key import <file>` there.',
        ]
      : []),
  ];
}

function warningsOf({ left, oldKey }: Rotated): string[] {
  return [
    ...(left === undefined ? [] : [left]),
    ...(oldKey === 'pending' ? ['The old key is still in the keychain; the next `lwi key rotate` removes it.'] : []),
  ];
}
