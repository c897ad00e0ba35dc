#!/usr/bin/env node
// Plain JavaScript that any Node can parse: the version is checked before anything is loaded that an old one cannot run.
'use strict';

var version = process.versions.node.split('.').map(Number);
var fits =
  (version[0] === 22 && (version[1] > 22 || (version[1] === 22 && version[2] >= 2))) ||
  (version[0] === 24 && version[1] >= 15) ||
  version[0] >= 26;

if (!fits) {
  process.stderr.write('lwi needs Node 22.22.2, 24.15 or 26 and later; this is ' + process.versions.node + '.\n');
  process.exitCode = 2;
} else {
  start();
}

function start() {
  var path = require('node:path');
  var bundle = path.join(__dirname, '..', 'dist', 'lwi.cjs');
  if (!require('node:fs').existsSync(bundle)) {
    process.stderr.write('lwi is not built: run `npm ci` (or `npm run build`) in its directory.\n');
    process.exitCode = 2;
    return;
  }
  // Whatever is written from here on, the compile cache included, is for this user alone.
  var umask = process.umask(0o077);
  // Compiled code is kept in a directory of lwi's own, never in the shared temporary one; without a place for it there is none.
  var cache = cacheDirectory(path);
  // Who presses Tab makes no home.
  var ready =
    cache && (process.argv[2] === 'complete' ? require('node:fs').existsSync(cache) : makeDirectory(path, cache));
  if (ready) require('node:module').enableCompileCache(cache);
  // Should nothing be left to do before main has an end, that is a failure.
  process.exitCode = 1;
  require(bundle)
    .main(process, { umask: umask })
    .then(function (code) {
      // Output has been written by now; a stuck keychain call or an idle connection must not keep a finished command alive.
      process.exit(code);
    });
}

/** One step at a time, as in src/private-directory.ts. */
function makeDirectory(path, directory) {
  var fs = require('node:fs');
  try {
    if (fs.existsSync(directory)) return true;
    if (!makeDirectory(path, path.dirname(directory))) return false;
    fs.mkdirSync(directory, { mode: 0o700 });
    return true;
  } catch (_) {
    return false;
  }
}

/** The same place as in src/paths.ts. */
function cacheDirectory(path) {
  var env = process.env;
  // What follows `--` belongs to the command of `lwi exec`.
  var end = process.argv.indexOf('--');
  var words = end < 0 ? process.argv : process.argv.slice(0, end);
  var flag = words.indexOf('--home');
  var joined = words.filter(function (word) {
    return word.indexOf('--home=') === 0;
  })[0];
  var home = joined ? joined.slice(7) : flag > 1 ? words[flag + 1] : env.LWI_HOME;
  // An empty one is refused by main: nothing is made elsewhere for it.
  if (home === '') return undefined;
  if (home) return path.join(path.resolve(home), 'cache', 'code');
  var user;
  try {
    user = require('node:os').homedir();
  } catch (_) {
    // A user without HOME and without an entry in the list of users: main says so.
    return undefined;
  }
  // With an empty HOME it would lie below wherever the command was called.
  if (!path.isAbsolute(user)) return undefined;
  if (process.platform === 'darwin') return path.join(user, 'Library', 'Caches', 'lwi', 'code');
  if (process.platform === 'win32')
    return path.join(env.LOCALAPPDATA || path.join(user, 'AppData', 'Local'), 'lwi', 'Cache', 'code');
  var base = env.XDG_CACHE_HOME || '';
  return path.join(path.isAbsolute(base) ? base : path.join(user, '.cache'), 'lwi', 'code');
}
