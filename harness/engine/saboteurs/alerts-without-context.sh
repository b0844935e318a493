#!/bin/sh
# Heals, and wakes somebody who then knows nothing.
echo '{"type":"ready","engine":"alerts-without-context","capabilities":["detect","alert"]}'
. ./trouble.sh
echo '{"type":"detected","cause":"stopped_process"}'
for pid in $culprits; do
  echo "{\"type\":\"action\",\"action\":\"kill\",\"phase\":\"begin\",\"pid\":$pid}"
  kill -KILL "$pid"
  echo "{\"type\":\"action\",\"action\":\"kill\",\"phase\":\"done\",\"pid\":$pid}"
done
node -e 'fetch(process.env.ENGINE_ALERT_URL,{method:"POST",body:JSON.stringify({status:"firing",app:process.env.ENGINE_APP,cause:"stopped_process"})})'
exec cat >/dev/null
