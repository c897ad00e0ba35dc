import { dirname } from 'node:path';
import { getAsset, getRawAsset } from 'node:sea';
import { constants, Script } from 'node:vm';

interface Chunk {
  exports: unknown;
}

const loaded = new Map<string, Chunk>();

/**
 * What a chunk of the bundle exports; the executable holds each as an asset, with the code that V8 made of it when the executable was built (name and `.cache`).
 * One file for everything would cost each start the reading of what it does not use. Throws what the chunk throws.
 */
export function loadChunk(name: string): unknown {
  const known = loaded.get(name);
  if (known) return known.exports;
  const chunk: Chunk = { exports: {} };
  loaded.set(name, chunk);
  // Should V8 not take the code (NODE_OPTIONS can change what it makes), it compiles the text.
  const script = new Script(getAsset(name, 'utf8'), {
    filename: name,
    cachedData: new Uint8Array(getRawAsset(`${name}.cache`)),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  script.runInThisContext()(chunk.exports, requireFrom, chunk, process.execPath, dirname(process.execPath));
  return chunk.exports;
}

/** Chunks and what is built into Node; there are no files to look for, and those that lie beside the executable or in the working directory are not ours. */
function requireFrom(id: string): unknown {
  if (id.startsWith('./')) return loadChunk(id.slice('./'.length));
  const builtin = process.getBuiltinModule(id);
  if (builtin === undefined) throw new Error(`the executable holds no module ${id}`);
  return builtin;
}
