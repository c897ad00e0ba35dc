import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import packageJson from '../../package.json' with { type: 'json' };
import { type Locked, toSbom } from './sbom.mts';
import { installedPackages, type ShippedPackage } from './shipped-package.mts';
import { assertSound } from './sound-sbom.mts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Writes what is in the package, or in the executable with this `node`, to `path`; returns how many packages that are. */
export function writeSbom(path: string, bundled: readonly ShippedPackage[], node?: string): number {
  const { packages: locked } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Locked;
  };
  const { name, version, license } = packageJson;
  const sbom = toSbom({
    ...{ name, version, license, bundled, locked, node },
    installed: installedPackages(),
    sqlite: sqliteVersion(),
  });
  assertSound(sbom);
  writeFileSync(path, `${JSON.stringify(sbom, undefined, 2)}\n`);
  return sbom.components.length;
}

/** As the source in better-sqlite3 says. */
function sqliteVersion(): string {
  const driver = installedPackages().find(({ name }) => name === 'better-sqlite3');
  const header = readFileSync(join(driver?.folder ?? '', 'deps', 'sqlite3', 'sqlite3.h'), 'utf8');
  const version = /^#define SQLITE_VERSION\s+"([\d.]+)"/m.exec(header)?.[1];
  if (version === undefined) throw new Error('better-sqlite3 no longer says which SQLite it contains');
  return version;
}
