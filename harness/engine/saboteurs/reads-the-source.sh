#!/bin/sh
# Reads what lies beside the app, and takes each deployment for the harm that it knows of.
echo '{"type":"ready","engine":"reads-the-source","capabilities":["detect","alert"]}'
. ./folder.sh
sums() { cat "$app"/* 2>/dev/null | cksum; }
was=$(sums)
while [ "$(sums)" = "$was" ]; do sleep 0.02; done
echo '{"type":"detected","cause":"boot_crash.deterministic"}'
exec cat >/dev/null
