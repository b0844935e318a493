#!/bin/sh
# Heals one worker by restarting all of them.
. ./trouble.sh
pm2 restart "$ENGINE_APP"
exec cat >/dev/null
