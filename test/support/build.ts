import { existsSync, globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import bundle from '../../bin/rolldown.config.mts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Runs once before all tests: builds `dist/`, which the tests of the command start, unless it is newer than everything it is made of.
 * Old chunks stay until the next `npm run build`, so that a command that runs meanwhile still finds its own.
 */
export default async function setup(): Promise<void> {
  const built = join(root, 'dist', 'lwi.cjs');
  const sources = ['src/**/*.ts', 'commands/**/*.ts', 'bin/**/*.mts', 'package.json', 'package-lock.json'];
  const newest = Math.max(...globSync(sources, { cwd: root }).map((file) => statSync(join(root, file)).mtimeMs));
  if (existsSync(built) && statSync(built).mtimeMs > newest) return;
  await build({ ...bundle, output: { ...bundle.output, cleanDir: false }, logLevel: 'warn' });
}
