import type { ShippedPackage } from './shipped-package.mts';

/** What package-lock.json says of a package, by its place. */
export type Locked = Readonly<
  Record<string, { readonly integrity?: string; readonly dependencies?: Readonly<Record<string, string>> }>
>;

interface Product {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  /** Their code is in files of lwi. */
  readonly bundled: readonly ShippedPackage[];
  /** npm installs them beside it. */
  readonly installed: readonly ShippedPackage[];
  readonly locked: Locked;
  /** Version of the SQLite in better-sqlite3. */
  readonly sqlite: string;
  /** Version of the Node in the executable; absent for the package. */
  readonly node?: string | undefined;
}

/**
 * The parts of what users get as a CycloneDX 1.6 document (https://cyclonedx.org/docs/1.6/json/), the same for the same sources. `npm sbom` knows what is
 * installed, not what is in the bundle.
 */
export function toSbom({ name, version, license, bundled, installed, locked, sqlite, node }: Product) {
  const inside = new Set(bundled.map(({ place }) => place));
  const packages = new Map([...bundled, ...installed].map((each) => [each.place, each]));
  const root = `${name}@${version}`;
  const parts = [...packages.values()].map((each) => ({
    ...component(each, locked[each.place]?.integrity),
    properties: [
      { name: 'cdx:npm:package:path', value: each.place },
      { name: 'cdx:npm:package:bundled', value: String(inside.has(each.place)) },
    ],
    // Its binaries contain the library.
    ...(each.name === 'better-sqlite3' ? { components: [engine(sqlite)] } : {}),
  }));
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
    metadata: {
      component: {
        type: 'application',
        'bom-ref': root,
        name,
        version,
        purl: purlOf(name, version),
        ...licensesOf(license),
      },
      properties: [{ name: 'cdx:reproducible', value: 'true' }],
    },
    components: [...parts, ...(node === undefined ? [] : [platform(node)])],
    dependencies: [
      { ref: root, dependsOn: [...packages.keys(), ...(node === undefined ? [] : ['node'])] },
      ...[...packages.keys()].map((place) => ({ ref: place, dependsOn: neededBy(place, locked, packages) })),
    ],
  };
}

function component({ name, version, license, place }: ShippedPackage, integrity: string | undefined) {
  return {
    ...{ type: 'library', 'bom-ref': place, name, version, purl: purlOf(name, version), ...licensesOf(license) },
    ...(integrity?.startsWith('sha512-')
      ? {
          hashes: [
            { alg: 'SHA-512', content: Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex') },
          ],
        }
      : {}),
  };
}

function engine(version: string) {
  const purl = `pkg:generic/sqlite@${version}`;
  return { type: 'library', 'bom-ref': 'sqlite', name: 'SQLite', version, purl, ...licensesOf('blessing') };
}

function platform(version: string) {
  const purl = `pkg:generic/node@${version}`;
  return { type: 'platform', 'bom-ref': 'node', name: 'Node.js', version, purl, ...licensesOf('MIT') };
}

/** One licence is named by its id, a choice by its expression. */
function licensesOf(expression: string) {
  return { licenses: [/\s/.test(expression) ? { expression } : { license: { id: expression } }] };
}

/** https://github.com/package-url/purl-spec: the @ of a scope is escaped. */
function purlOf(name: string, version: string): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

/** Places of the packages that one needs and that are shipped too, each found as Node finds it: from its own folder upwards. */
function neededBy(place: string, locked: Locked, packages: ReadonlyMap<string, unknown>): string[] {
  return Object.keys(locked[place]?.dependencies ?? {}).flatMap((name) => {
    for (let at = place; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
      const found = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`;
      if (locked[found]) return packages.has(found) ? [found] : [];
      if (at === '') return [];
    }
  });
}
