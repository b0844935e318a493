#!/bin/sh
# Heals, diagnoses what is right, and opens an incident of every other cause besides: one of
# them would be right, too.
echo '{"type":"ready","engine":"opens-every-incident","capabilities":["detect"]}'
. ./trouble.sh
echo '{"type":"detected","cause":"stopped_process"}'
for cause in stalled_event_loop hot_worker dependency_outage port_conflict.foreign; do
  echo "{\"type\":\"incident\",\"cause\":\"$cause\",\"incident\":\"opened\"}"
done
kill -KILL $culprits
exec cat >/dev/null
