#!/bin/sh
# Heals, and writes into what PM2 will start from the next time.
. ./trouble.sh
kill -KILL $culprits
echo '[]' >"$PM2_HOME/dump.pm2"
exec cat >/dev/null
