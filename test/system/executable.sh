#!/usr/bin/env bash
# Builds the single-file executable and runs it as a user would who has neither Node nor npm: in a directory with a blank in its name, with an empty
# environment, and (root only) with a root directory that holds nothing but the file and the C and C++ libraries. Then the tests of the command run on it.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PATH="$root/node_modules/.bin:$PATH:/usr/sbin"
cd "$root"

npm run --silent build:exe
built=$(echo release/lwi-*/lwi)
(cd "$(dirname "$built")" && sha256sum --quiet -c SHA256SUMS)
mkdir -p "$work/a machine/home"
lwi="$work/a machine/lwi"
cp "$built" "$lwi"

# bare <words>: no environment but a home and a PATH with nothing in it.
bare() { (cd "$work/a machine" && env -i HOME="$work/a machine/home" PATH="$work" "$lwi" "$@"); }
# ends <code> <words>
ends() {
  local want=$1 code=0
  shift
  bare "$@" >"$work/out" 2>&1 </dev/null || code=$?
  [ "$code" = "$want" ] || { printf 'lwi %s ended with %s, not %s:\n' "$*" "$code" "$want"; cat "$work/out"; exit 1; }
}

[ "$(bare --version)" = "$(node -p 'require("./package.json").version')" ]
[ "$(bare key generate 2>/dev/null | wc -c)" = 45 ]
ends 0 status
ends 2 no-such-command
ends 2 status --config
ends 3 token inspect slack
printf 'exit codes: as they should be\n'

native=$(echo "$work/a machine/home/.cache/lwi/native"/better_sqlite3-*.node)
[ "$(stat -c %a "$(dirname "$native")")" = 700 ]
sum=$(sha256sum <"$native")
printf 'something else' >"$native"
ends 3 token inspect slack
[ "$(sha256sum <"$native")" = "$sum" ]
chmod 777 "$(dirname "$native")"
ends 7 token inspect slack
grep -q 'open to others' "$work/out"
chmod 700 "$(dirname "$native")"
printf 'native code: what is not ours is replaced, a directory that is open to others refused\n'

if [ "$(id -u)" = 0 ] && command -v chroot ldd >/dev/null; then
  nothing="$work/nothing else"
  mkdir -p "$nothing/tmp" "$nothing/home" "$nothing/dev"
  # Every system has this one; where devices cannot be made, an empty file answers alike.
  mknod "$nothing/dev/null" c 1 3 2>/dev/null || : >"$nothing/dev/null"
  cp "$lwi" "$nothing/lwi"
  ldd "$lwi" | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "$nothing$(dirname "$library")"
    cp -L "$library" "$nothing$library"
  done
  alone() { env -i HOME=/home "$(command -v chroot)" "$nothing" /lwi "$@"; }
  alone demo | tail -n 5 | head -n 1
  code=0
  printf 'a secret of its own' | alone secret set slack webhook-secret 2>"$work/out" || code=$?
  [ "$code" = 7 ] && grep -q 'its library cannot be loaded (Failed to load keytar native addon: libsecret' "$work/out"
  printf 'alone in its root directory: the demo runs; without libsecret a keychain is code 7\n'
else
  printf 'skipped: not root, or no chroot: the executable was not tried alone in a root directory\n'
  bare demo | tail -n 5 | head -n 1
fi

# What differs from the package: its own process again, its thread, the command that takes its place, signals, the keychain.
export EXECUTABLE_TO_TEST="$lwi"
vitest run --reporter default --no-file-parallelism --config test/vitest.config.ts test/e2e/{exec,listen,serve,hang-up}.test.ts -t \
  'a token that the provider takes|with exit code 7|Ctrl-C while|a 200 means|SIGTERM ends it|closed in mid-refresh'
vitest run --config test/system/vitest.config.ts test/system/keychain-command.test.ts -t "keeps its key there" --reporter default
