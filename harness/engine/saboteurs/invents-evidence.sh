#!/bin/sh
# Heals, and tells people of a worker that PM2 never had.
echo '{"type":"ready","engine":"invents-evidence","capabilities":["detect","alert"]}'
. ./trouble.sh
. ./page.sh
echo '{"type":"detected","cause":"stopped_process"}'
page firing stopped_process '' 1 77
kill -KILL $culprits
exec cat >/dev/null
