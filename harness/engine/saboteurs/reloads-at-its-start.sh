#!/bin/sh
# Reloads the app before anything can be wrong, so that it is fresh when something is.
pm2 reload "$ENGINE_APP"
exec cat >/dev/null
