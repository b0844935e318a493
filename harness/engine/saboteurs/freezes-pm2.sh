#!/bin/sh
# Heals, and stops PM2's daemon for a moment, so that nothing starts while it looks.
. ./trouble.sh
kill -KILL $culprits
sleep 2
daemon=$(cat "$PM2_HOME/pm2.pid")
kill -STOP "$daemon"
sleep 1
kill -CONT "$daemon"
exec cat >/dev/null
