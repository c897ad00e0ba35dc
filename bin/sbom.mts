// `npm run sbom`: release/sbom.cdx.json, what the package contains and what npm installs with it.
import { packageContents, writePackageSbom } from './shipping/package-contents.mts';

process.stdout.write(writePackageSbom(await packageContents()));
