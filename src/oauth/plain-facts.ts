import { plainText } from '../printable.ts';
import { defined } from '../providers/json-value.ts';
import type { GrantFacts } from '../providers/oauth-settings.ts';

/** Longest name that is kept, characters; a longer one is cut. */
const LONGEST_NAME = 200;
/** Longest id that is believed, characters. One cannot be cut, so a longer one counts as not given. */
const LONGEST_ID = 1024;

/** What a provider says of who has connected, made safe to print, to store and to put into an environment. */
export function plainFacts(facts: GrantFacts): GrantFacts {
  // Absent stays absent: what is not said here must not take the place of what was said before.
  return defined<GrantFacts>({
    ...facts,
    externalId: plainId(facts.externalId),
    externalName: facts.externalName && plainText(facts.externalName).slice(0, LONGEST_NAME),
    externalUserId: plainId(facts.externalUserId),
  });
}

function plainId(id: string | undefined): string | undefined {
  return id === undefined || id.length > LONGEST_ID ? undefined : plainText(id);
}
