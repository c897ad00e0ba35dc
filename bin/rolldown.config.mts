import { fileURLToPath } from 'node:url';
import { defineConfig } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * The bundle: CommonJS chunks, split at every `import()`, so that a command parses only what it uses.
 * Native packages stay outside; they carry their binaries in their own folders.
 */
export default defineConfig({
  cwd: root,
  input: { lwi: 'commands/main.ts' },
  platform: 'node',
  external: ['better-sqlite3', 'keytar'],
  output: {
    dir: 'dist',
    format: 'cjs',
    cleanDir: true,
    minify: true,
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
  },
});
