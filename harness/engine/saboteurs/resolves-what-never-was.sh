#!/bin/sh
# Heals, and tells people again and again that something is over, of which they never heard.
echo '{"type":"ready","engine":"resolves-what-never-was","capabilities":["detect","alert"]}'
. ./trouble.sh
echo '{"type":"detected","cause":"stopped_process"}'
. ./page.sh
page firing stopped_process ''
kill -KILL $culprits
app=$ENGINE_APP
for n in 1 2 3 4 5 6; do
  ENGINE_APP=$app-$n
  page resolved stalled_event_loop ''
done
exec cat >/dev/null
