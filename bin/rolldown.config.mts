import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'rolldown';
import { thirdPartyLicenses } from './shipping/third-party-licenses.mts';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * commander loads node:child_process at its start, for subcommands that are programs of their own; lwi has none, and the module costs
 * several milliseconds of every start. It is loaded when it is used instead. The build fails when commander no longer has that line.
 */
const lazyChildProcess: Plugin = {
  name: 'lazy-child-process',
  transform: {
    filter: { id: /commander[\\/]lib[\\/]command\.js$/ },
    handler(code) {
      const line = /^import childProcess from 'node:child_process';$/m;
      if (!line.test(code)) throw new Error('commander no longer imports node:child_process as expected');
      return code.replace(
        line,
        "const childProcess = { spawn: (...args) => process.getBuiltinModule('node:child_process').spawn(...args) };",
      );
    },
  },
};

/**
 * better-sqlite3 is fifteen small files, which cost a start more to find than to run, so they are bundled. Its binary stays in the package, where
 * the bundle looks for it. The build fails when the package no longer looks beside itself.
 */
const bundledSqlite: Plugin = {
  name: 'bundled-sqlite',
  transform: {
    filter: { id: /better-sqlite3[\\/]lib[\\/]binding\.js$/ },
    handler(code) {
      if (!code.includes("path.join(__dirname, '..', "))
        throw new Error('better-sqlite3 no longer looks for its binary beside itself');
      return code.replaceAll("path.join(__dirname, '..', ", 'path.join(packageFolder(), ') + PACKAGE_FOLDER;
    },
  },
};

/** Where Node's own search would end (https://nodejs.org/api/modules.html#loading-from-node_modules-folders), which costs a start milliseconds. */
const PACKAGE_FOLDER = `
let folder;
function packageFolder() {
  for (let at = __dirname; folder === undefined; at = path.dirname(at)) {
    const found = path.join(at, 'node_modules', 'better-sqlite3');
    if (fs.existsSync(found)) folder = found;
    else if (at === path.dirname(at)) folder = path.join(require.resolve('better-sqlite3'), '..', '..');
  }
  return folder;
}
`;

/**
 * What is used together lies in one file: opening forty small files costs a start more than parsing what it does not need of three larger ones.
 * Everything else is split where an `import()` stands.
 */
const GROUPS = [
  {
    name: 'ground',
    test: /src[\\/](errors|span|connection|clock|printable|secret|output|redact|once|tls-trouble|open-to-others)\.ts$|src[\\/]http[\\/](http|redact)\.ts$|src[\\/]vault[\\/]stuck-exit\.ts$|src[\\/]oauth[\\/](token-set|connect-command)\.ts$|commands[\\/]shared[\\/](header-lines|whole-number|instant|when|health)\.ts$/,
  },
  {
    name: 'base',
    test: /src[\\/](context|oauth[\\/]settings|mock[\\/]mock-url|config|read-bounded|json-error|dotted-path|paths|prompt|terminal|private-directory|loopback-host)\.ts$|src[\\/](context|providers)[\\/]|src[\\/]webhooks[\\/](presets|scheme|headers)\.ts$/,
  },
  // Not the thread: what stands in it would run wherever the store is used.
  { name: 'store', test: /src[\\/]store[\\/](?!sqlite[\\/]accept-thread|postgres[\\/])/ },
  { name: 'postgres', test: /src[\\/]store[\\/]postgres[\\/]|node_modules[\\/]pg(-(?!boss)[a-z-]+)?[\\/]/ },
  { name: 'jobs', test: /src[\\/]jobs[\\/]pg-boss[\\/]|node_modules[\\/]pg-boss[\\/]/ },
  {
    name: 'tokens',
    test: /src[\\/]vault[\\/](?!stuck-exit|new-private-file|key-backup|passphrase-key|key-status|rotate-key)|src[\\/]oauth[\\/](token-manager|rotation|keep-token|refresh-failed|refresh-lease|sealed-token|usable-connection|app-credentials|jwt)\.ts$/,
  },
];

/**
 * The bundle: CommonJS chunks, split at every `import()`, so that a command parses only what it uses.
 * Native packages stay outside; they carry their binaries in their own folders.
 */
export default defineConfig({
  cwd: root,
  input: { lwi: 'commands/main.ts', 'accept-thread': 'src/store/sqlite/accept-thread.ts' },
  platform: 'node',
  // pg looks for these and does without them.
  external: ['keytar', 'pg-native', 'pg-cloudflare', /\.node$/],
  plugins: [lazyChildProcess, bundledSqlite, thirdPartyLicenses],
  output: {
    dir: 'dist',
    format: 'cjs',
    cleanDir: true,
    minify: true,
    codeSplitting: { groups: GROUPS },
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
  },
});
