// `npm run build:exe`: one file with Node and lwi in it, for the system that it is built on
// (https://nodejs.org/docs/latest-v24.x/api/single-executable-applications.html).
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { build, type OutputChunk } from 'rolldown';
import packageJson from '../package.json' with { type: 'json' };
import { chunks, script } from './rolldown-exe.config.mts';
import { sumOf, writePapers } from './shipping/executable-papers.mts';
import { bundledPackages } from './shipping/shipped-package.mts';

const root = fileURLToPath(new URL('..', import.meta.url));
const work = join(root, '.tmp', 'executable');
const require = createRequire(import.meta.url);
const { platform, arch, execPath } = process;

/** The mark in Node that says whether something has been put into it (page above). */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/** As the native packages name the folders of their binaries. */
const system = `${platform === 'linux' && isMusl() ? 'linuxmusl' : platform}-${arch}`;
const assets: Record<string, string> = { 'main.cjs': join(work, 'main.cjs') };

const { output } = await build({ ...chunks, logLevel: 'warn' });
await build({ ...script, logLevel: 'warn' });
for (const part of output) if (part.type === 'chunk') addChunk(part);
addAddon('better_sqlite3', join(folderOf('better-sqlite3'), 'prebuilds', `${system}.node`));
addAddon('keytar', join(folderOf('keytar'), 'prebuilds', system, 'keytar.node'));

const directory = join(root, 'release', `lwi-${packageJson.version}-${system}`);
const file = join(directory, platform === 'win32' ? 'lwi.exe' : 'lwi');
rmSync(directory, { recursive: true, force: true });
mkdirSync(directory, { recursive: true });
assemble(file);
writePapers(directory, bundledPackages(output), process);
process.stdout.write(`${file}\n${statSync(file).size} bytes, for ${system} only\n`);

/** A chunk as a function of what CommonJS gives to a file, and the code that V8 makes of it. */
function addChunk({ fileName, code }: OutputChunk): void {
  const text = `(function (exports, require, module, __filename, __dirname) {${code}\n})`;
  const path = join(work, fileName);
  writeFileSync(path, text);
  writeFileSync(`${path}.cache`, new Script(text, { filename: fileName }).createCachedData());
  assets[fileName] = path;
  assets[`${fileName}.cache`] = `${path}.cache`;
}

/** The name says what is inside, and becomes that of the file from which the system loads it. */
function addAddon(name: string, path: string): void {
  assets[`${name}-${sumOf(path).slice(0, 16)}.node`] = path;
}

/** Puts script and assets into a copy of the Node that runs this. Node 25.5 and later would do it alone, by --build-sea. */
function assemble(to: string): void {
  const blob = join(work, 'lwi.blob');
  const settings = join(work, 'sea.json');
  const draft = join(work, 'draft');
  writeFileSync(
    settings,
    JSON.stringify({ main: assets['main.cjs'], output: blob, disableExperimentalSEAWarning: true, assets }),
  );
  execFileSync(execPath, ['--experimental-sea-config', settings], { stdio: 'pipe' });
  copyFileSync(execPath, draft);
  // macOS kills what does not fit its signature; it is signed again below.
  if (platform === 'darwin') execFileSync('codesign', ['--remove-signature', draft]);
  const segment = platform === 'darwin' ? ['--macho-segment-name', 'NODE_SEA'] : [];
  execFileSync(
    execPath,
    [require.resolve('postject/dist/cli.js'), draft, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', FUSE, ...segment],
    { stdio: 'pipe' },
  );
  if (platform === 'darwin') execFileSync('codesign', ['--sign', '-', draft]);
  chmodSync(draft, 0o755);
  renameSync(draft, to);
}

function folderOf(name: string): string {
  return dirname(require.resolve(`${name}/package.json`));
}

/** Node reports the version of glibc that it runs on, if it does. */
function isMusl(): boolean {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime === undefined;
}
