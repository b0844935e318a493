#!/bin/sh
# Does what is right, in no hurry.
echo '{"type":"ready","engine":"acts-slowly","capabilities":[]}'
. ./trouble.sh
sleep 5
for pid in $culprits; do
  echo "{\"type\":\"action\",\"action\":\"kill\",\"phase\":\"begin\",\"pid\":$pid}"
  kill -KILL "$pid"
  echo "{\"type\":\"action\",\"action\":\"kill\",\"phase\":\"done\",\"pid\":$pid}"
done
exec cat >/dev/null
