import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OutputAsset, OutputChunk } from 'rolldown';

const root = fileURLToPath(new URL('../..', import.meta.url));
const modules = realpathSync(join(root, 'node_modules'));

/** A package of somebody else of which code is in what users get. */
export interface ShippedPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression as the package declares it; empty when it does not. */
  readonly license: string;
  /** Its place in package-lock.json: `node_modules/…` with slashes. */
  readonly place: string;
  readonly folder: string;
}

/** The packages whose modules are in the chunks, whole or in part, in the order of their names. */
export function bundledPackages(output: readonly (OutputChunk | OutputAsset)[]): ShippedPackage[] {
  const ids = output.flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []));
  return unique(ids.map(folderOf).filter((folder) => folder !== undefined));
}

/** The packages that npm installs with lwi: what package-lock.json holds and does not mark as for development. */
export function installedPackages(): ShippedPackage[] {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean }>;
  };
  const places = Object.keys(packages).filter(
    (place) => place !== '' && !packages[place]?.dev && !packages[place]?.devOptional,
  );
  return unique(places.map((place) => join(dirname(modules), place)));
}

/** Each place once, in the order of names. */
export function merged(...lists: readonly (readonly ShippedPackage[])[]): ShippedPackage[] {
  const all = new Map(lists.flat().map((each) => [each.place, each]));
  return [...all.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.place < b.place ? -1 : 1));
}

function unique(folders: readonly string[]): ShippedPackage[] {
  return merged([...new Set(folders)].map(read));
}

/** Folder of the package that a module belongs to; undefined for one of lwi. The helpers that rolldown adds are its own. */
function folderOf(id: string): string | undefined {
  if (id.startsWith('\0rolldown/')) return join(modules, 'rolldown');
  const start = `${sep}node_modules${sep}`;
  const at = id.lastIndexOf(start);
  if (at < 0) return undefined;
  const [scope = '', name = ''] = id.slice(at + start.length).split(sep);
  return join(id.slice(0, at + start.length), scope, scope.startsWith('@') ? name : '');
}

function read(path: string): ShippedPackage {
  const folder = path.endsWith(sep) ? path.slice(0, -1) : path;
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: unknown;
  };
  const place = relative(dirname(modules), folder).replaceAll(sep, '/');
  return { name, version, license: typeof license === 'string' ? license : '', place, folder };
}
