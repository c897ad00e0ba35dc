import { fileURLToPath } from 'node:url';
import type { BuildOptions, OutputOptions, Plugin } from 'rolldown';
import bundle from './rolldown.config.mts';

const own = (name: string) => fileURLToPath(new URL(`executable/${name}`, import.meta.url));
const addon = JSON.stringify(own('addon.mts'));

/** In the executable the native packages get their binaries from it. The build fails when a package no longer looks for one as expected. */
const addonsInside: Plugin = {
  name: 'addons-inside',
  transform: {
    filter: { id: /better-sqlite3[\\/]lib[\\/]binding\.js$|keytar[\\/]lib[\\/]keytar\.js$/ },
    handler(code, id) {
      const [line, name] = id.endsWith('binding.js')
        ? ['exports.getBinding = getBinding;', 'better_sqlite3']
        : ['var keytar = loadNativeAddon();', 'keytar'];
      if (!code.includes(line)) throw new Error(`${name} no longer loads its binary as expected`);
      const load = `require(${addon}).loadAddon('${name}')`;
      if (name === 'keytar') return code.replace(line, `var keytar = ${load};`);
      return `let loaded; exports.getBinding = () => (loaded ??= ${load});`;
    },
  },
};

/** The one module of lwi that is another in the executable, where no file lies beside the bundle. */
const ownThreadStart: Plugin = {
  name: 'own-thread-start',
  load: {
    filter: { id: /src[\\/]store[\\/]sqlite[\\/]start-accept-thread\.ts$/ },
    handler: () => `export { startAcceptThread } from ${JSON.stringify(own('start-accept-thread.mts'))};`,
  },
};

const output: OutputOptions = { ...(bundle.output as OutputOptions), dir: '.tmp/executable' };

/** The bundle as it is in the package, but with the native packages in it: its chunks are assets of the executable. */
export const chunks: BuildOptions = {
  ...bundle,
  external: [],
  plugins: [bundle.plugins, addonsInside, ownThreadStart],
  output,
};

/** The script of the executable, which can load nothing but what is built into Node, and the chunks by load-chunk.mts. */
export const script: BuildOptions = {
  ...bundle,
  input: { main: 'bin/executable/main.mts' },
  plugins: [],
  output: { ...output, cleanDir: false, codeSplitting: false },
};
