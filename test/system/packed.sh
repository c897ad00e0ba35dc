#!/usr/bin/env bash
# Packs the tarball, installs it globally under a throw-away prefix with a blank in its name, without a compiler, and runs it as a user would: from
# elsewhere, as somebody who may write neither the installation nor a home, and, where the machine has one, on a Node that is too old.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"

(cd "$root" && npm pack --silent --ignore-scripts --json --pack-destination "$work" >"$work/pack.json")
tarball=$(echo "$work"/lwi-*.tgz)
tar -tzf "$tarball" | sed 's,^package/,,' >"$work/files"
printf 'tarball: %s bytes, %s files\n' "$(stat -c %s "$tarball")" "$(wc -l <"$work/files")"
for needed in bin/lwi.js bin/package.json dist/lwi.cjs dist/accept-thread.cjs dist/THIRD-PARTY-LICENSES.txt LICENSE README.md docs/guide.md; do
  grep -qx "$needed" "$work/files" || { echo "the tarball lacks $needed"; exit 1; }
done
if grep -E '^(src|commands|test|release|node_modules)/|\.(ts|mts|map|node|tgz)$|^\.' "$work/files"; then
  echo 'the tarball holds what it should not'
  exit 1
fi
[ "$(stat -c %s "$tarball")" -lt 1500000 ] || { echo 'the tarball has become large'; exit 1; }

# A PATH with this Node and what npm's scripts may call, and neither cc nor make nor python.
tools="$work/tools"
mkdir "$tools"
cp -L "$root/node_modules/.bin/node" "$tools/node"
for tool in sh env uname; do ln -s "$(command -v "$tool")" "$tools/$tool"; done
npm_program=$(readlink -f "$(command -v npm)")
prefix="$work/a prefix"
(cd "$work" && PATH="$tools" node "$npm_program" install --silent --no-fund --no-audit --global --prefix "$prefix" "$tarball")
[ -L "$prefix/bin/lwi" ]
# npm links the manual pages that the package lists.
[ -s "$prefix/share/man/man1/lwi.1" ] && [ -s "$prefix/share/man/man7/lwi-exit-codes.7" ]

# lwi <words>: by its link, from elsewhere, without rights where root can give them up.
as_nobody=()
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
  as_nobody=("$(command -v setpriv)" --reuid 65534 --regid 65534 --clear-groups)
else
  echo 'skipped: not root, or no setpriv: the installation is not read-only in this run'
fi
lwi() { (cd / && "${as_nobody[@]}" /usr/bin/env -i PATH="$tools" HOME="$work/no home" "$prefix/bin/lwi" "$@"); }
[ "$(lwi --version)" = "$(node -p "require('$root/package.json').version")" ]
lwi demo --json | head -c 200
echo

PATH="${PATH//$root\/node_modules\/.bin:/}"
old=$(command -v node || true)
case "$("$old" -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo none)" in
  none) echo 'skipped: no Node of the system to try as too old' ;;
  2[2-9] | [3-9]*) echo 'skipped: the Node of the system is not too old' ;;
  *)
    code=0
    message=$("$old" "$prefix/lib/node_modules/lwi/bin/lwi.js" --version 2>&1) || code=$?
    printf 'too old: code %s, %s\n' "$code" "$message"
    [ "$code" = 2 ] && [ "$(printf '%s\n' "$message" | wc -l)" = 1 ]
    ;;
esac
