#!/bin/sh
# Does what is right, and names the worker by its id alone, as the contract allows.
echo '{"type":"ready","engine":"names-only-id","capabilities":[]}'
. ./trouble.sh
for file in "$PM2_HOME/pids/$ENGINE_APP"-*.pid; do
  pid=$(cat "$file")
  case " $culprits " in *" $pid "*) ;; *) continue ;; esac
  id=${file##*-}
  echo "{\"type\":\"action\",\"action\":\"kill\",\"phase\":\"begin\",\"id\":${id%.pid}}"
  kill -KILL "$pid"
  echo "{\"type\":\"action\",\"action\":\"kill\",\"phase\":\"done\",\"id\":${id%.pid}}"
done
exec cat >/dev/null
