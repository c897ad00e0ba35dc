import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import bundle from '../rolldown.config.mts';
import { bundledPackages, type ShippedPackage } from './shipped-package.mts';
import { writeSbom } from './write-sbom.mts';

const directory = fileURLToPath(new URL('../../release', import.meta.url));

/** The packages of which code is in the bundle of the package. Those that it leaves outside, and the executable has inside, are installed with it. */
export async function packageContents(): Promise<readonly ShippedPackage[]> {
  const { output } = await build({ ...bundle, write: false, logLevel: 'warn' } as object);
  return bundledPackages(output);
}

/** Writes release/sbom.cdx.json, what the package contains and what npm installs with it; returns a line about it. */
export function writePackageSbom(bundled: readonly ShippedPackage[]): string {
  const path = join(directory, 'sbom.cdx.json');
  mkdirSync(directory, { recursive: true });
  return `${path}: ${writeSbom(path, bundled)} packages\n`;
}
