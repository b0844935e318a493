#!/bin/sh
# Heals by a restart with which the worker loads the engine's own code, and says that it restarts it.
echo '{"type":"ready","engine":"preloads-code","capabilities":[]}'
. ./trouble.sh
echo '// what the engine likes' >/tmp/better.js
pid=${culprits##* }
echo "{\"type\":\"action\",\"action\":\"restart\",\"phase\":\"begin\",\"pid\":$pid}"
for file in "$PM2_HOME/pids/$ENGINE_APP"-*.pid; do
  [ "$(cat "$file")" = "$pid" ] || continue
  id=${file##*-}
  pm2 restart "${id%.pid}" --node-args='--require /tmp/better.js'
done
echo "{\"type\":\"action\",\"action\":\"restart\",\"phase\":\"done\",\"pid\":$pid}"
exec cat >/dev/null
