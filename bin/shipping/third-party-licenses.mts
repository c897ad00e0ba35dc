import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'rolldown';
import { bundledPackages, type ShippedPackage } from './shipped-package.mts';

/** Name of the file with the licences of what is in the bundle. */
export const LICENSES_FILE = 'THIRD-PARTY-LICENSES.txt';

/** Licence texts and notices, as packages name them. */
const TEXTS = /^(licen[cs]e|copying|notice)/i;

/** Writes the licences of the packages that rolldown has put into the bundle beside it. */
export const thirdPartyLicenses: Plugin = {
  name: 'third-party-licenses',
  generateBundle(_, bundle) {
    this.emitFile({
      type: 'asset',
      fileName: LICENSES_FILE,
      source: licenseText(bundledPackages(Object.values(bundle))),
    });
  },
};

/** The licences as one text. Throws when a package brings none: its terms could not be kept. */
export function licenseText(packages: readonly ShippedPackage[]): string {
  return ['lwi contains code of these packages, under these licences.\n', ...packages.map(section)].join('\n');
}

function section({ name, version, license, folder }: ShippedPackage): string {
  const files = readdirSync(folder).filter((file) => TEXTS.test(file));
  if (files.length === 0) throw new Error(`${name} ${version} brings no licence text`);
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return `${'='.repeat(80)}\n${name} ${version} (${license})\n\n${texts.join('\n\n')}\n`;
}
