#!/bin/sh
# Heals, and pages people a hundred times with one symptom before it names the cause.
echo '{"type":"ready","engine":"floods-people","capabilities":["detect","alert"]}'
. ./trouble.sh
. ./page.sh
page firing undetermined silent_worker 100
echo '{"type":"detected","cause":"stopped_process"}'
page firing stopped_process ''
kill -KILL $culprits
exec cat >/dev/null
