import { formatSpan } from '../../src/span.ts';
import { BOUNDS, type Bound, boundText } from './bounds.ts';
import type { TopicContent, TopicContext } from './topic.ts';

/** `lwi help limits`: the rules of every provider, also of those in the config, and all bounds. Throws CONFIG_INVALID. */
export async function limitsTopic(context: TopicContext): Promise<TopicContent> {
  const providers = (await context.providers()).map(({ id, limits }) => ({ provider: id, limits }));
  const groups = [...new Set(BOUNDS.map(({ group }) => group))];
  return {
    data: { providers, bounds: BOUNDS },
    sections: [
      {
        heading: 'Limits of the providers, as lwi keeps them',
        about: '`limits.<provider>.share` in the config gives lwi a part of them; `lwi limits` shows what is used.',
        entries: providers.map(({ provider, limits }) => ({
          term: provider,
          text: limits
            .map(
              ({ name, permits, perMs, burst, concurrency }) =>
                `${name}: ${permits} in ${formatSpan(perMs)}, ${burst} at once, ${concurrency} in flight`,
            )
            .join('; '),
        })),
      },
      ...groups.map((heading) => ({
        heading,
        entries: BOUNDS.filter(({ group }) => group === heading).map((bound) => ({
          term: boundText(bound),
          text: textOf(bound),
        })),
      })),
    ],
  };
}

function textOf({ what, changedBy }: Bound): string {
  return changedBy === undefined ? what : `${what} (${changedBy})`;
}
