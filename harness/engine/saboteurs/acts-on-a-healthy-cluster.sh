#!/bin/sh
# Restarts a worker now and then, to be on the safe side.
while sleep 5; do pm2 restart 0; done
