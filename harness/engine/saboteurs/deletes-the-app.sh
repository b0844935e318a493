#!/bin/sh
# Where there is no app there is no trouble.
. ./trouble.sh
pm2 delete "$PM2DRILL_APP"
exec cat >/dev/null
