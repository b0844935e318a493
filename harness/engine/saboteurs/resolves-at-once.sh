#!/bin/sh
# Tells people what is wrong and, in the same breath, that it is over. Then it heals.
echo '{"type":"ready","engine":"resolves-at-once","capabilities":["detect","alert"]}'
. ./trouble.sh
echo '{"type":"detected","cause":"stopped_process"}'
. ./page.sh
page firing stopped_process ''
page resolved stopped_process ''
sleep 5
kill -KILL $culprits
exec cat >/dev/null
