// `npm run sbom`: release/sbom.cdx.json, what the package contains and what npm installs with it.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import bundle from './rolldown.config.mts';
import { bundledPackages } from './shipping/shipped-package.mts';
import { writeSbom } from './shipping/write-sbom.mts';

const directory = fileURLToPath(new URL('../release', import.meta.url));
const path = join(directory, 'sbom.cdx.json');
const { output } = await build({ ...bundle, write: false, logLevel: 'warn' } as object);
mkdirSync(directory, { recursive: true });
process.stdout.write(`${path}: ${writeSbom(path, bundledPackages(output))} packages\n`);
