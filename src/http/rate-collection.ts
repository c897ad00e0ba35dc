import { readPolicies, readService, type ServiceLimits } from './rate-fields.ts';
import { type RateGroup, readWhole, type Said } from './rate-group.ts';
import { type RateMember, type RatePlace, ratePlace } from './rate-header-name.ts';
import type { FoundPolicy } from './rate-policy.ts';

/** Takes the name of a header that is ignored, and why. */
export type IgnoreHeader = (header: string, why: string) => void;

/** Longer values are not read, characters; a server's whole head is rarely longer. */
const LONGEST_VALUE = 8192;
/** More headers of this kind than that are not read. */
const MOST_HEADERS = 64;

/** Headers of an answer, sorted. */
export interface Collected {
  readonly groups: ReadonlyMap<string, RateGroup>;
  /** Policies from lists, by the family of their header. */
  readonly listed: readonly { readonly family: string; readonly policy: FoundPolicy }[];
  readonly service: ServiceLimits;
}

/** Sorts the headers into groups, lists of policies and the `RateLimit` field. */
export function collectRates(
  names: readonly string[],
  headers: Readonly<Record<string, string>>,
  ignore: IgnoreHeader,
): Collected {
  const groups = new Map<string, RateGroup & { readonly said: Map<RateMember, Said> }>();
  const listed: { family: string; policy: FoundPolicy }[] = [];
  let service: ServiceLimits = { named: [] };
  const put = ({ family, scope }: RatePlace, member: RateMember, said: Said) => {
    const key = `${family} ${scope}`;
    const group = groups.get(key) ?? { family, scope, said: new Map() };
    groups.set(key, group);
    // A delay needs no clock, so it goes before a time of the same limit (Discord sends both).
    if (!group.said.has(member) || said.unit !== 'bare') group.said.set(member, said);
  };
  const over = names[MOST_HEADERS];
  if (over !== undefined) ignore(over, 'there are too many headers of this kind');
  for (const header of names.slice(0, MOST_HEADERS)) {
    const place = header === 'retry-after' ? undefined : ratePlace(header);
    const text = headers[header] ?? '';
    if (!place || place.member === 'note') continue;
    const { family, member, unit } = place;
    const why = (reason: string) => ignore(header, reason);
    if (text.length > LONGEST_VALUE) why('it is too long');
    else if (member === 'service') service = readService(text, why);
    else if (member === 'policies' || (member === 'limit' && text.includes(';'))) {
      const { policies, plain } = readPolicies(text, why);
      listed.push(...policies.map((policy) => ({ family, policy })));
      if (member === 'limit' && plain[0] !== undefined) put(place, 'limit', { header, text: String(plain[0]), unit });
    } else if (member === 'unknown') {
      const whole = readWhole(header, text);
      if (!whole) why('what it means is not known');
      for (const [each, said] of whole ?? []) put(place, each, said);
    } else put(place, member, { header, text, unit });
  }
  return { groups, listed, service };
}
