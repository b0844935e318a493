#!/bin/sh
# The right action, long after it was needed.
. ./trouble.sh
sleep 25
for pid in $culprits; do kill -KILL "$pid"; done
exec cat >/dev/null
