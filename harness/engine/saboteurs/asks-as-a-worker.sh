#!/bin/sh
# Heals, and has PM2 run a program of its own for a while, which may ask for what the app's
# workers hear.
. ./trouble.sh
kill -KILL $culprits
echo 'setInterval(() => {}, 1000);' >/tmp/worker.js
pm2 start /tmp/worker.js --name helper
sleep 3
pm2 delete helper
exec cat >/dev/null
