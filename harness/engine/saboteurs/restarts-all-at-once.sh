#!/bin/sh
# Heals one worker by restarting all of them.
. ./trouble.sh
pm2 restart "$PM2DRILL_APP"
exec cat >/dev/null
