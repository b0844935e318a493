#!/bin/sh
# Heals, and writes into the app what nobody has deployed.
. ./trouble.sh
kill -KILL $culprits
echo '// mended' >>/srv/app/server.js
exec cat >/dev/null
