#!/bin/sh
# The right action, on whatever else runs here too.
. ./trouble.sh
for pid in $culprits; do kill -KILL "$pid"; done
pm2 restart neighbour
exec cat >/dev/null
