#!/usr/bin/env bash
# Finds a chromium for `make test-browser`, or installs one.
#
# Root on Debian or Ubuntu gets chromium from its packages, and fonts with it where
# there are none. Anybody else is told what to do (exit 70).
set -euo pipefail

log=/tmp/pm2drill-chromium.log

explain() {
  cat >&2 <<EOF
make test-browser needs a browser named chromium and found none.
$1
Install it and run the same command again. As root on Debian, it is installed by itself.
EOF
  exit 70
}

if command -v chromium >/dev/null && chromium --version >/dev/null 2>&1; then exit 0; fi
grep -qsE '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release || explain "This system is neither Debian nor Ubuntu, so none is installed."
[ "$(id -u)" = 0 ] || explain "Installing one needs root."
echo "harness/report/browser.sh: installing chromium" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -q >"$log" 2>&1 && apt-get install -y -q --no-install-recommends chromium fonts-dejavu-core >>"$log" 2>&1 ||
  explain "Installing chromium failed; $log has the reason."
# On Ubuntu the package may be a stand-in for a snap, which needs more than a package.
chromium --version >/dev/null 2>&1 || explain "The package was installed, and chromium does not start."
