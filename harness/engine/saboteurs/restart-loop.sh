#!/bin/sh
# Restarts again and again, trouble or not, from the first trouble on.
. ./trouble.sh
while :; do pm2 restart "$ENGINE_APP"; sleep 1; done
