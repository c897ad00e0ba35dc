import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installedPackages, merged, type ShippedPackage } from './shipped-package.mts';
import { LICENSES_FILE, licenseText } from './third-party-licenses.mts';
import { writeSbom } from './write-sbom.mts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Writes what must or should lie beside the executable in `directory`: the licences of lwi, of the packages and of Node, the SBOM, and the sums of all files. */
export function writePapers(directory: string, bundled: readonly ShippedPackage[], node: NodeJS.Process): void {
  copyFileSync(join(root, 'LICENSE'), join(directory, 'LICENSE'));
  copyFileSync(nodeLicense(node), join(directory, 'NODE-LICENSE.txt'));
  writeFileSync(join(directory, LICENSES_FILE), licenseText(merged(bundled, installedPackages())));
  writeSbom(join(directory, 'sbom.cdx.json'), merged(bundled, installedPackages()), node.versions.node);
  const sums = readdirSync(directory).map((name) => `${sumOf(join(directory, name))}  ${name}\n`);
  writeFileSync(join(directory, 'SHA256SUMS'), sums.join(''));
}

/**
 * Node's licence and those of the libraries inside it: where the npm package `node` installs it, or beside the `bin` of a Node from nodejs.org. Throws when
 * it is in neither place, because the executable may not be given away without it.
 */
function nodeLicense({ execPath, platform, arch }: NodeJS.Process): string {
  const system = `${platform === 'win32' ? 'win' : platform}-${arch}`;
  const places = [join(dirname(execPath), '..', 'LICENSE'), join(dirname(execPath), 'LICENSE')];
  for (const name of [`node-${system}`, `node-bin-${system}`]) {
    try {
      places.unshift(join(dirname(createRequire(execPath).resolve(`${name}/package.json`)), 'LICENSE'));
    } catch {
      // It is the other one, or this Node did not come from npm.
    }
  }
  const found = places.find((path) => existsSync(path));
  if (found === undefined) {
    throw new Error(`The licence of the Node at ${execPath} is not there: run \`npm ci\` and build again.`);
  }
  return found;
}

/** SHA-256 of a file, in hex. */
export function sumOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
