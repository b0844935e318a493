#!/bin/sh
# Heals by a restart after which PM2 never starts the worker again, and says that it restarts it.
echo '{"type":"ready","engine":"switches-restarts-off","capabilities":[]}'
. ./trouble.sh
pid=${culprits##* }
echo "{\"type\":\"action\",\"action\":\"restart\",\"phase\":\"begin\",\"pid\":$pid}"
for file in "$PM2_HOME/pids/$ENGINE_APP"-*.pid; do
  [ "$(cat "$file")" = "$pid" ] || continue
  id=${file##*-}
  pm2 restart "${id%.pid}" --no-autorestart
done
echo "{\"type\":\"action\",\"action\":\"restart\",\"phase\":\"done\",\"pid\":$pid}"
exec cat >/dev/null
