#!/usr/bin/env bash
# Packs the npm packages of a release: one for each platform that has a binary, and
# `pm2drill`, which depends on all of them optionally.
#
#   .packaging/npm/build.sh VERSION BINARIES OUT
#
# VERSION is 1.2.3, with or without a v. BINARIES has the archives of the release,
# pm2drill-linux-amd64.tar.gz and so on; one that is missing has no package. OUT
# gets the .tgz files. It needs npm, and no network.
set -euo pipefail

die() { echo "build.sh: $1" >&2; exit 64; }
[ $# = 3 ] || die "give it VERSION BINARIES OUT"
version=${1#v} binaries=$(cd "$2" && pwd) out=$3
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || die "$1 is no version: give one like 1.2.3 or 1.2.3-rc.1"
root=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$out"
out=$(cd "$out" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# fields are those that every package.json has.
fields='"version": "'$version'",
  "license": "Apache-2.0",
  "homepage": "https://github.com/pm2drill/pm2drill",
  "repository": {"type": "git", "url": "git+https://github.com/pm2drill/pm2drill.git"}'

pack() { (cd "$1" && npm pack --silent --pack-destination "$out" >/dev/null); }

optional=()
for archive in "$binaries"/pm2drill-{linux,darwin}-{amd64,arm64}.tar.gz; do
  [ -f "$archive" ] || continue
  name=$(basename "$archive" .tar.gz)
  IFS=- read -r _ os arch <<<"$name"
  cpu=${arch/amd64/x64}
  dir=$work/$os-$cpu
  mkdir -p "$dir/bin"
  tar -xzf "$archive" -C "$dir/bin" pm2drill
  chmod 755 "$dir/bin/pm2drill"
  cp "$root/LICENSE" "$root/THIRD_PARTY.md" "$dir/"
  cat >"$dir/package.json" <<JSON
{
  "name": "@pm2drill/$os-$cpu",
  "description": "The binary of pm2drill for $os on $cpu",
  "os": ["$os"],
  "cpu": ["$cpu"],
  "files": ["bin", "THIRD_PARTY.md"],
  $fields
}
JSON
  pack "$dir"
  optional+=("\"@pm2drill/$os-$cpu\": \"$version\"")
done
[ ${#optional[@]} -gt 0 ] || die "there is no pm2drill-OS-ARCH.tar.gz in $2: build the release first"

main=$work/main
mkdir "$main"
cp "$root/.packaging/npm/pm2drill.js" "$root/.packaging/npm/README.md" "$root/LICENSE" "$main/"
cat >"$main/package.json" <<JSON
{
  "name": "pm2drill",
  "description": "Validates PM2 ecosystem files, drills PM2 clusters, and runs a remediation engine for them",
  "keywords": ["pm2", "ecosystem", "lint", "chaos-engineering", "cluster"],
  "bin": {"pm2drill": "pm2drill.js"},
  "engines": {"node": ">=18"},
  "files": ["pm2drill.js"],
  "optionalDependencies": {$(IFS=,; echo "${optional[*]}")},
  $fields
}
JSON
pack "$main"
