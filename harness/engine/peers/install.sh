#!/usr/bin/env bash
# Lays every peer out in the folder that is named, ready for --engine-dir: its own
# files, and beside them what they are wrappers of. One that cannot be had here is
# left out, and said so.
set -euo pipefail
to=$(realpath -m "$1")
cd "$(dirname "$0")"
log=$(mktemp)
trap 'rm -f "$log"' EXIT

complete() {
  { [ ! -e package-lock.json ] || npm ci --no-audit --no-fund --ignore-scripts; } &&
    { [ ! -e fetch.sh ] || ./fetch.sh; }
}

missing=0
for peer in */; do
  dir=$to/${peer%/}
  rm -rf "$dir"
  mkdir -p "$dir"
  cp -p "$peer"* "$dir"
  if ! (cd "$dir" && complete) >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    echo "peers: cannot install ${peer%/}" >&2
    rm -rf "$dir"
    missing=1
  fi
done
exit "$missing"
