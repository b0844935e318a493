#!/bin/sh
# Heals, and leaves a process behind at each look that it takes.
. ./trouble.sh
kill -KILL $culprits
n=0
while [ $n -lt 100 ]; do
  sleep 1000 &
  n=$((n + 1))
done
cat >/dev/null
kill $(jobs -p)
