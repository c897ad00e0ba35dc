import { chosenAccount, chosenEnvironment } from '../../connection.ts';
import { ENVIRONMENT_VARIABLES } from '../../environment-variables.ts';
import { isLwiError } from '../../errors.ts';
import { nearestName } from '../../providers/nearest-name.ts';
import { type Check, fail, pass } from '../check.ts';

export interface EnvironmentDeps {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Ids of all providers. */
  readonly providerIds: () => Promise<readonly string[]>;
  /** Names of variables that are not lwi's own, and are used. */
  readonly foreign: () => Promise<readonly string[]>;
}

/** Two of which only one can be obeyed. */
const CONFLICTS: readonly (readonly [string, string])[] = [
  ['LWI_ENCRYPTION_KEY', 'LWI_ENCRYPTION_KEY_FILE'],
  ['LWI_NEW_ENCRYPTION_KEY', 'LWI_NEW_ENCRYPTION_KEY_FILE'],
];

/**
 * The variables of lwi that are set, by name alone: values may be secrets. One that is misspelt is passed over by every command, so that it is told here; so are
 * two that contradict each other.
 */
export function environmentCheck({ environment, providerIds, foreign }: EnvironmentDeps): Check {
  return {
    name: 'environment',
    run: async () => {
      const names = Object.keys(environment)
        .filter((name) => name.startsWith('LWI_'))
        .sort();
      const known = knownNames(await providerIds());
      const strange = names.filter((name) => !known.includes(name));
      const troubles = [...conflicts(environment), ...values(environment), ...misspelt(strange, known)];
      if (troubles.length > 0)
        return fail(troubles.join('; '), 'Unset what is not meant, or correct its name or value.');
      const set = [...names.filter((name) => known.includes(name)), ...(await foreign())];
      const inForce = set.length > 0 ? `in force: ${set.join(', ')}` : 'no variable of lwi is set';
      return pass(strange.length > 0 ? `${inForce}; not known to lwi: ${strange.join(', ')}` : inForce);
    },
  };
}

function knownNames(providerIds: readonly string[]): string[] {
  return ENVIRONMENT_VARIABLES.flatMap(({ name }) => {
    if (!name.includes('<PROVIDER>')) return name.startsWith('LWI_') ? [name] : [];
    return providerIds.map((id) => name.replace('<PROVIDER>', id.toUpperCase().replaceAll('-', '_')));
  });
}

function conflicts(environment: EnvironmentDeps['environment']): string[] {
  const isSet = (name: string) => environment[name] !== undefined;
  const both = CONFLICTS.filter(([one, other]) => isSet(one) && isSet(other));
  return both.map(([one, other]) => `${one} and ${other} are both set`);
}

/** Values that no command takes. Those of secrets are for the checks that use them. */
function values(environment: EnvironmentDeps['environment']): string[] {
  const url = environment['LWI_MOCK_URL'];
  return [
    ...['LWI_HOME', 'LWI_DATABASE_URL'].flatMap((name) => (environment[name] === '' ? [`${name} is empty`] : [])),
    ...refusal('LWI_ENV', () => chosenEnvironment(environment['LWI_ENV'])),
    ...refusal('LWI_ACCOUNT', () => chosenAccount(environment['LWI_ACCOUNT'])),
    ...(url && !URL.canParse(url) ? ['LWI_MOCK_URL is no URL'] : []),
  ];
}

function refusal(name: string, read: () => unknown): string[] {
  try {
    read();
    return [];
  } catch (error) {
    if (!isLwiError(error)) throw error;
    return [`${name}: ${error.message.replace(/\.$/, '')}`];
  }
}

function misspelt(strange: readonly string[], known: readonly string[]): string[] {
  const lower = known.map((name) => name.toLowerCase());
  return strange.flatMap((name) => {
    const near = nearestName(name, lower);
    return near === undefined ? [] : [`${name} is not known (${near.toUpperCase()} is)`];
  });
}
