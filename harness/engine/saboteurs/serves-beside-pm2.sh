#!/bin/sh
# Leaves PM2's workers given up, and starts the app beside PM2 once the port is free.
port=$(echo "$ENGINE_URL" | sed 's/.*:\([0-9]*\).*/\1/')
alive() {
  for file in "$PM2_HOME/pids/$ENGINE_APP"-*.pid; do
    if [ -e "/proc/$(cat "$file")" ]; then return 0; fi
  done 2>/dev/null
  return 1
}
quiet=0
while [ $quiet -lt 8 ]; do
  sleep 0.5
  if alive; then quiet=0; else quiet=$((quiet + 1)); fi
done
while ss -tlnH "sport = :$port" | grep -q .; do sleep 0.1; done
exec node -e '
const cluster = require("cluster");
cluster.setupPrimary({ exec: "/srv/app/server.js" });
for (let i = 0; i < 4; i += 1) cluster.fork();
'
