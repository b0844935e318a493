#!/bin/sh
# Heals, and pages people with one symptom after the other before it names the cause.
echo '{"type":"ready","engine":"pages-each-symptom","capabilities":["detect","alert"]}'
. ./trouble.sh
. ./page.sh
for symptom in no_service never_served partial_service health_failing health_slow restart_loop silent_worker starved; do
  page firing undetermined $symptom 2
done
echo '{"type":"detected","cause":"stopped_process"}'
page firing stopped_process ''
kill -KILL $culprits
exec cat >/dev/null
