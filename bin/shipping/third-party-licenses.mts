import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'rolldown';
import { bundledPackages, type ShippedPackage } from './shipped-package.mts';

/** Name of the file with the licences of what is in the bundle. */
export const LICENSES_FILE = 'THIRD-PARTY-LICENSES.txt';

/** Licence texts and notices, as packages name them. */
const TEXTS = /^(licen[cs]e|copying|notice)/i;

/** Some packages have theirs under a heading of the README, to its end or the next heading. */
const README = /^readme/i;
const SECTION = /^#+ licen[cs]e\s*$([\s\S]*?)(?=^#|(?![\s\S]))/im;

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

function licenceSection(readme: string): string[] {
  const [, text = ''] = SECTION.exec(readme) ?? [];
  return /copyright/i.test(text) ? [text] : [];
}

function section({ name, version, license, folder }: ShippedPackage): string {
  const read = (like: RegExp) =>
    readdirSync(folder)
      .filter((file) => like.test(file))
      .map((file) => readFileSync(join(folder, file), 'utf8'));
  const files = read(TEXTS);
  const texts = (files.length > 0 ? files : read(README).flatMap(licenceSection)).map((text) => text.trim());
  if (texts.length === 0) throw new Error(`${name} ${version} brings no licence text`);
  return `${'='.repeat(80)}\n${name} ${version} (${license})\n\n${texts.join('\n\n')}\n`;
}
