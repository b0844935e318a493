#!/bin/sh
# Heals, and writes into the app what nobody has deployed.
. ./trouble.sh
. ./folder.sh
kill -KILL $culprits
echo '// mended' >>"$app/ecosystem.config.js"
exec cat >/dev/null
