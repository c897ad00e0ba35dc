import type { ShippedPackage } from './shipped-package.mts';

interface Advisory {
  readonly name: string;
  readonly severity: string;
  readonly title: string;
  readonly url: string;
}

/** An entry of `npm audit --json`, report version 2; `via` has the name of another entry where only that one is at fault. */
interface Vulnerable {
  readonly name: string;
  readonly nodes: readonly string[];
  readonly via: readonly (string | Advisory)[];
}

/** The advisories in a report of `npm audit --json` for code that is shipped; undefined when it is no report. */
export function advisoriesFor(shipped: readonly ShippedPackage[], report: string): Advisory[] | undefined {
  const { vulnerabilities } = parsed(report);
  if (vulnerabilities === undefined) return undefined;
  const places = new Set(shipped.map(({ place }) => place));
  return Object.values(vulnerabilities)
    .filter(({ nodes }) => nodes.some((place) => places.has(place)))
    .flatMap(({ name, via }) =>
      via
        .filter((each) => typeof each !== 'string')
        .map(({ severity, title, url }) => ({ name, severity, title, url })),
    );
}

function parsed(report: string): { vulnerabilities?: Readonly<Record<string, Vulnerable>> } {
  try {
    return JSON.parse(report) ?? {};
  } catch {
    return {};
  }
}
