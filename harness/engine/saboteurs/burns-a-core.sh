#!/bin/sh
# Heals, and goes on looking for more without a pause.
. ./trouble.sh
kill -KILL $culprits
(while :; do :; done) &
cat >/dev/null
kill $!
