#!/bin/sh
# Where there is no app there is no trouble.
. ./trouble.sh
pm2 delete "$ENGINE_APP"
exec cat >/dev/null
