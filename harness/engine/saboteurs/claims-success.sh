#!/bin/sh
# Says that all is well, and has done nothing.
echo '{"type":"ready","engine":"claims-success","capabilities":["detect","alert"]}'
. ./trouble.sh
echo '{"type":"detected","cause":"stopped_process"}'
for pid in $culprits; do
  echo "{\"type\":\"action\",\"action\":\"kill\",\"phase\":\"begin\",\"pid\":$pid}"
  echo "{\"type\":\"action\",\"action\":\"kill\",\"phase\":\"done\",\"pid\":$pid}"
done
echo '{"type":"verified","cause":"stopped_process"}'
exec cat >/dev/null
