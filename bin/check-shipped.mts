// `npm run check:shipped`: licences and known vulnerabilities of all that users get, the code in the bundle included, which npm takes for development only.
// Writes its SBOM as well, as `npm run sbom` does.
import { execFileSync } from 'node:child_process';
import { advisoriesFor } from './shipping/advisories.mts';
import { isAllowedLicense } from './shipping/license-expression.mts';
import { packageContents, writePackageSbom } from './shipping/package-contents.mts';
import { installedPackages, merged } from './shipping/shipped-package.mts';

const bundled = await packageContents();
const shipped = merged(bundled, installedPackages());
const say = (text: string) => process.stdout.write(`${text}\n`);

const refused = shipped.filter(({ license }) => !isAllowedLicense(license));
for (const { name, version, license } of refused) say(`licence not allowed: ${name} ${version}: ${license || 'none'}`);
say(`licences: ${shipped.length} packages, ${refused.length} not allowed`);

const advisories = advisoriesFor(shipped, audit());
for (const { name, severity, title, url } of advisories ?? []) say(`${severity}: ${name}: ${title} ${url}`);
const grave = advisories?.filter(({ severity }) => severity === 'high' || severity === 'critical').length ?? 0;
say(
  advisories ? `audit: ${advisories.length} advisories, ${grave} grave` : 'audit: skipped, the registry answered none',
);
process.exitCode = refused.length + grave > 0 ? 1 : 0;
say(writePackageSbom(bundled).trimEnd());

/** What npm says of everything in package-lock.json; it ends with a code of its own when it knows of anything. */
function audit(): string {
  try {
    return execFileSync('npm', ['audit', '--json'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch (error) {
    return String((error as { stdout?: string }).stdout ?? '');
  }
}
