import type { ProviderFile, StreamDefinition } from '../../providers/generic/definition.ts';

/** A stream of a definition, as an address asks for it. */
export interface Route {
  readonly stream: StreamDefinition;
  /** What stands in the address for `{externalId}`; undefined where the path has no place for it. */
  readonly tenant: string | undefined;
}

/** Finds the stream that an address below the API asks for. Of several with one path, the one whose whole fixed query is there. */
export function createRoutes({
  streams = [],
}: ProviderFile): (path: string, query: URLSearchParams) => Route | undefined {
  const all = streams.map((stream) => {
    const [path = '', fixed = ''] = stream.path.split('?', 2);
    return { stream, pattern: patternOf(path), fixed: [...new URLSearchParams(fixed)] };
  });
  return (path, query) => {
    const fits = all.flatMap(({ stream, pattern, fixed }) => {
      const found = pattern.exec(path);
      if (found === null) return [];
      const whole = fixed.every(([name, value]) => query.getAll(name).includes(value));
      return [{ stream, tenant: found[1] && decoded(found[1]), rank: whole ? 1 + fixed.length : 0 }];
    });
    return fits.sort((a, b) => b.rank - a.rank)[0];
  };
}

function patternOf(path: string): RegExp {
  const parts = path.split('{externalId}').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const [first = '', ...rest] = parts;
  // Only the first one is kept; a path that names the company twice names the same one.
  return new RegExp(`^${first}${rest.map((part, index) => `${index === 0 ? '([^/]+)' : '\\1'}${part}`).join('')}/?$`);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
