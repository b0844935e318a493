#!/bin/sh
# Says once that it rolls the app, never that it has ended, and kills workers under that
# word.
echo '{"type":"ready","engine":"claims-a-roll","capabilities":[]}'
. ./trouble.sh
echo '{"type":"action","action":"roll","phase":"begin"}'
kill -KILL $culprits
for round in 1 2; do
  for file in "$PM2_HOME/pids/$ENGINE_APP"-*.pid; do
    sleep 1
    kill -KILL "$(cat "$file")"
  done
done
exec cat >/dev/null
