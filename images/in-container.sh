#!/usr/bin/env bash
# Runs the tests of packages that need a real PM2 daemon inside the node image:
#
#   images/in-container.sh PACKAGE...
#
# RUN selects tests by name (Daemon), AS is the user that runs them (node). The test
# binary and the fixtures are copied in, so the engine may be anywhere.
# PM2DRILL_DAEMON_TEST=1 makes a missing pm2 a failure and not a skip.
set -euo pipefail
cd "$(dirname "$0")/.."

NODE=${NODE:-26.10.0}
PM2=${PM2:-7.0.4}
image=$(docker images --format '{{.Repository}}:{{.Tag}}' "pm2drill/node" | grep -E ":$NODE(\.[0-9.]+)?-pm2-$PM2$" | sort -V | tail -n 1) || true
[ -n "$image" ] || { echo "images/in-container.sh: there is no image of Node $NODE with PM2 $PM2: run make images" >&2; exit 70; }
work=$(mktemp -d)
box=
trap 'rm -rf "$work"; [ -z "$box" ] || docker rm -f "$box" >/dev/null' EXIT

box=$(docker run -d --init --label pm2drill.run=tests "$image")
docker cp fixtures "$box:/" >/dev/null 2>&1 # ../../../fixtures of a package, seen from /tmp
for package in "$@"; do
  CGO_ENABLED=0 GOOS=linux GOARCH=$(docker version -f '{{.Server.Arch}}') go test -c -o "$work/package.test" "$package"
  docker cp -q "$work/package.test" "$box:/tmp/package.test" 2>/dev/null || docker cp "$work/package.test" "$box:/tmp/package.test"
  [ ! -d "$package/testdata" ] || docker cp "$package/testdata" "$box:/tmp/" >/dev/null 2>&1
  echo "--- $package in $image"
  docker exec -u "${AS:-node}" -e PM2DRILL_DAEMON_TEST=1 -w /tmp "$box" /tmp/package.test -test.run "${RUN:-Daemon}" -test.timeout 5m -test.v=false
done
