#!/usr/bin/env bash
# Builds the single-file executable and runs it as a user would who has neither Node nor npm: in a directory with a blank in its name, with an empty
# environment, and (root only) with a root directory that holds nothing but the file and the C and C++ libraries. Only what the file could break is tried:
# what it says of itself, its native parts, its thread, the command that takes its place, and how it ends.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
# Processes that go on until they are ended.
started=()
# The bus ends with the keyring that is in its session.
clean() {
  [ "${#started[@]}" = 0 ] || kill "${started[@]}" 2>/dev/null || true
  wait
  rm -rf "$work"
}
trap clean EXIT
export PATH="$root/node_modules/.bin:$PATH:/usr/sbin"
cd "$root"

npm run --silent build:exe
built=$(echo release/lwi-*/lwi)
(cd "$(dirname "$built")" && sha256sum --quiet -c SHA256SUMS)
mkdir -p "$work/a machine/home"
lwi="$work/a machine/lwi"
cp "$built" "$lwi"

# No environment but a home, a PATH with nothing in it, and what stands here.
environment=()
# become <words>: the shell itself becomes lwi, so that signals to it reach lwi.
become() { cd "$work/a machine" && exec env -i HOME="$work/a machine/home" PATH="$work" "${environment[@]}" "$lwi" "$@"; }
bare() { (become "$@"); }
# same <what> <got> <wanted>
same() { [ "$2" = "$3" ] || { printf '%s: %s, not %s\n' "$1" "$2" "$3"; cat "$work/out"; exit 1; }; }
# ends <code> <words>
ends() {
  local want=$1 code=0
  shift
  bare "$@" >"$work/out" 2>&1 </dev/null || code=$?
  same "lwi $* ended with" "$code" "$want"
}
# said <file> <pattern>: the first that stands there as soon as it does; half a minute at most.
said() {
  for _ in {1..300}; do
    grep -m 1 -oE "$2" "$1" | head -n 1 | grep . && return
    sleep 0.1
  done
  printf 'never said: %s\n' "$2" >&2
  cat "$1" >&2
  return 1
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

become mock --port 0 >"$work/mock" 2>&1 &
started+=($!)
environment=("LWI_MOCK_URL=$(said "$work/mock" 'http://127.0.0.1:[0-9]+')" LWI_ENV=mock)
keychain=yes
for program in dbus-run-session dbus-send gnome-keyring-daemon secret-tool; do
  command -v "$program" >/dev/null || keychain=no
done
if [ "$keychain" = yes ]; then
  mkdir -m 700 "$work/session"
  export XDG_RUNTIME_DIR="$work/session" XDG_DATA_HOME="$work/session" XDG_CONFIG_HOME="$work/session"
  dbus-run-session -- bash -c 'echo "$$ $DBUS_SESSION_BUS_ADDRESS"
    exec gnome-keyring-daemon --foreground --unlock --components=secrets < <(printf "a pass phrase")' >"$work/bus" 2>/dev/null &
  read -r keyring DBUS_SESSION_BUS_ADDRESS <<<"$(said "$work/bus" '[0-9]+ unix:.+')"
  started+=("$keyring")
  export DBUS_SESSION_BUS_ADDRESS
  # Its login keyring is there a moment later.
  for _ in {1..300}; do
    dbus-send --session --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets \
      org.freedesktop.Secret.Service.ReadAlias string:default 2>/dev/null | grep -q /collection/ && break
    sleep 0.1
  done
  environment+=("DBUS_SESSION_BUS_ADDRESS=$DBUS_SESSION_BUS_ADDRESS" "XDG_RUNTIME_DIR=$XDG_RUNTIME_DIR")
  ends 0 connect mycarrierpackets
  same 'the key in the keychain, characters' "$(secret-tool lookup service lwi | wc -c)" 44
  printf 'keychain: the key is there\n'
else
  printf 'skipped: no keyring: the keychain of the executable was not tried\n'
  environment+=("LWI_ENCRYPTION_KEY=$(bare key generate 2>/dev/null)")
  ends 0 connect mycarrierpackets
fi
ends 7 exec mycarrierpackets -- /bin/sh -c '[ -n "$LWI_ACCESS_TOKEN" ] && exit 7'

environment+=(LWI_SLACK_WEBHOOK_SECRET=lwi-demo-signing-secret)
become webhook listen --port 0 >"$work/listen" 2>&1 &
listen=$!
started+=("$listen")
receiver=$(said "$work/listen" 'receiving webhooks at http://127.0.0.1:[0-9]+')
ends 0 webhook trigger slack message --to "${receiver##* }/webhooks/slack"
kill -INT "$listen"
code=0
wait "$listen" || code=$?
same 'lwi webhook listen after Ctrl-C ended with' "$code" 130
same 'events that are kept' "$(bare webhook list --json | grep -o '"eventId"' | wc -l)" 1
printf 'exec: the code of the command; listen: the event is kept, Ctrl-C is code 130\n'
