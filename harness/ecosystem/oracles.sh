#!/usr/bin/env bash
# Holds what this package and those below it say of a file to real Nodes and PM2s, which
# npm brings: forms, everyday forms, packages of others and mutants by each Node, the
# checks of settings by each PM2. It prints what each test has counted, and fails where
# one differs.
#
#   NODES="20 22 24 26"     lines of Node, or versions
#   PM2S="5.4.3 7.0.4"      versions of PM2
#   MUTANTS=20000           for each Node
set -euo pipefail
cd "$(dirname "$0")/../.."
export CGO_ENABLED=0
cache=$PWD/.cache/oracles
arch=$(node -p process.arch)
failed=0

# install NAME@VERSION... puts packages into a folder of their own, once.
install() {
  local dir=$cache/$(echo "$*" | md5sum | cut -c1-12)
  [ -d "$dir/node_modules" ] || { mkdir -p "$dir" && echo '{}' >"$dir/package.json" && npm install --prefix "$dir" --silent --no-audit --no-fund --ignore-scripts "$@" >&2; }
  echo "$dir/node_modules"
}

# run COMMAND... shows the tests' counts, and notes a failure.
run() {
  "$@" -test.v > >(grep --line-buffered -Ev '^=== ') || failed=1
}

mkdir -p "$cache"
go test -c -o "$cache/ecosystem.test" ./harness/ecosystem
for package in sandbox node yaml; do go test -c -o "$cache/$package.test" "./harness/ecosystem/$package"; done

others=$(install dotenv@17 dotenv16@npm:dotenv@16 dotenv14@npm:dotenv@14 dotenv10@npm:dotenv@10 dotenv8@npm:dotenv@8 dotenv-expand dotenv-flow lodash js-yaml@4 minimist ms semver)
for version in ${NODES:-20 22 24 26}; do
  modules=$(install "node-linux-$arch@$version")
  export PM2DRILL_NODE=$modules/node-linux-$arch/bin/node PM2DRILL_MUTANTS=${MUTANTS:-20000} PM2DRILL_PACKAGES=$others
  echo "--- Node $("$PM2DRILL_NODE" --version)"
  (cd harness/ecosystem/sandbox && run "$cache/sandbox.test" -test.timeout 6h -test.run NodeAgrees; exit $failed) || failed=1
  (cd harness/ecosystem/node && run "$cache/node.test" -test.timeout 1h; exit $failed) || failed=1
done
for version in ${PM2S:-5.4.3 6.0.14 7.0.0 7.0.3 7.0.4}; do
  modules=$(install "pm2@$version")
  echo "--- PM2 $version"
  export PATH=$modules/.bin:$PATH PM2DRILL_DAEMON_TEST=1 PM2DRILL_PM2=$modules/pm2
  (cd harness/ecosystem && run "$cache/ecosystem.test" -test.run 'VerifyAgrees|BinaryAgrees'; exit $failed) || failed=1
  (cd harness/ecosystem/yaml && run "$cache/yaml.test" -test.run Daemon; exit $failed) || failed=1
done
exit $failed
