#!/usr/bin/env bash
# Packs the tarball, installs it globally under a throw-away prefix, and runs it as a user would: on the Node of the project and, where the
# machine has one, on a Node that is too old.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
node_bin="$root/node_modules/.bin"

(cd "$root" && npm pack --silent --pack-destination "$work" >/dev/null)
tarball=$(echo "$work"/lwi-*.tgz)
printf 'tarball: %s bytes\n' "$(stat -c %s "$tarball")"
PATH="$node_bin:$PATH" npm install --silent --no-fund --no-audit --global --prefix "$work/prefix" "$tarball"

# npm links the manual pages that the package lists.
[ -s "$work/prefix/share/man/man1/lwi.1" ] && [ -s "$work/prefix/share/man/man7/lwi-exit-codes.7" ]

export LWI_HOME="$work/home"
PATH="$node_bin:$PATH" "$work/prefix/bin/lwi" --version
PATH="$node_bin:$PATH" "$work/prefix/bin/lwi" demo --json | head -c 200
echo

old=$(PATH="${PATH//$node_bin:/}" command -v node || true)
case "$("$old" -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo none)" in
  none) echo 'skipped: no Node of the system to try as too old' ;;
  2[2-9] | [3-9]*) echo 'skipped: the Node of the system is not too old' ;;
  *)
    code=0
    message=$("$old" "$work/prefix/lib/node_modules/lwi/bin/lwi.js" --version 2>&1) || code=$?
    printf 'too old: code %s, %s\n' "$code" "$message"
    [ "$code" = 2 ] && [ "$(printf '%s\n' "$message" | wc -l)" = 1 ]
    ;;
esac
