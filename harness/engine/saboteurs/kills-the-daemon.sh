#!/bin/sh
# Ends PM2, and with it everything that PM2 runs, and starts the app anew.
. ./trouble.sh
. ./folder.sh
pm2 kill
pm2 start "$app/ecosystem.config.js"
exec cat >/dev/null
