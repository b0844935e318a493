#!/bin/sh
# Heals, and burns a core in a process whose parent has ended at once.
. ./trouble.sh
kill -KILL $culprits
sh -c '(while :; do :; done) </dev/null >/dev/null 2>&1 &'
exec cat >/dev/null
