#!/usr/bin/env bash
# Finds a Docker engine that answers, or installs and starts one.
#
# An engine that DOCKER_HOST or the default socket leads to is taken as it is.
# Without one, root on Debian or Ubuntu gets docker.io from its packages. Anybody
# else is told what to do (exit 70).
set -euo pipefail

log=/var/log/pm2drill-dockerd.log
patience=60 # seconds a new engine may take to answer

answers() { command -v docker >/dev/null && docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

explain() {
  cat >&2 <<EOF
pm2drill needs a Docker engine and found none that answers${DOCKER_HOST:+ (DOCKER_HOST=$DOCKER_HOST)}.
$1
Start one (Docker Desktop, \`systemctl start docker\`, colima, ...) or point DOCKER_HOST at one, then run
the same command again. As root on Debian or Ubuntu, pm2drill installs and starts docker.io by itself.
EOF
  exit 70
}

debian() { grep -qsE '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release; }

if answers; then exit 0; fi
[ -z "${DOCKER_HOST:-}" ] || explain "That address was asked for, so no other engine is started."
[ "$(uname -s)" = Linux ] && debian || explain "This system is neither Debian nor Ubuntu, so pm2drill does not install one."
[ "$(id -u)" = 0 ] || explain "Installing one needs root."

if ! command -v dockerd >/dev/null; then
  echo "images/docker.sh: installing docker.io" >&2
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q >"$log" 2>&1 && apt-get install -y -q docker.io >>"$log" 2>&1 ||
    explain "Installing docker.io failed; $log has the reason."
fi
if ! answers; then
  # The pid file of an engine that was killed may name somebody else by now, and
  # dockerd would take that one for a running engine.
  pid=/var/run/docker.pid
  if [ -f "$pid" ] && [ "$(cat "/proc/$(cat "$pid")/comm" 2>/dev/null)" != dockerd ]; then rm -f "$pid"; fi
  echo "images/docker.sh: starting dockerd (log: $log)" >&2
  # Its own session: the engine outlives this command and the terminal.
  setsid nohup dockerd >>"$log" 2>&1 </dev/null &
  for _ in $(seq $((patience * 5))); do
    if answers; then break; fi
    sleep 0.2
  done
  answers || explain "dockerd was started and did not answer within $patience s; $log has the reason."
fi
echo "images/docker.sh: Docker engine $(docker version --format '{{.Server.Version}}') answers" >&2
