#!/bin/sh
# Does what is right, and names the worker by its process alone, as the contract allows.
echo '{"type":"ready","engine":"names-only-pid","capabilities":[]}'
. ./trouble.sh
for pid in $culprits; do
  echo "{\"type\":\"action\",\"action\":\"restart\",\"phase\":\"begin\",\"pid\":$pid}"
  kill -KILL "$pid"
  sleep 2
  echo "{\"type\":\"action\",\"action\":\"restart\",\"phase\":\"done\",\"pid\":$pid}"
done
exec cat >/dev/null
