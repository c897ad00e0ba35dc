// Runs after `npm ci` in a checkout (never for an installed package): builds the bundle and links `lwi` into node_modules/.bin, so that
// every `npx lwi` starts this checkout at once, and an old npx does not look for a package of that name elsewhere.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const rolldown = join(root, 'node_modules', 'rolldown', 'bin', 'cli.mjs');
execFileSync(process.execPath, [rolldown, '-c', join('bin', 'rolldown.config.mts')], {
  cwd: root,
  stdio: ['ignore', 'ignore', 'inherit'],
});

// npm of today finds the package's own command by itself, and Windows would need a command file instead of a link.
if (process.platform !== 'win32') {
  const directory = join(root, 'node_modules', '.bin');
  mkdirSync(directory, { recursive: true });
  rmSync(join(directory, 'lwi'), { force: true });
  symlinkSync(join('..', '..', 'bin', 'lwi.js'), join(directory, 'lwi'));
}
