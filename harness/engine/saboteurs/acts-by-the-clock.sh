#!/bin/sh
# Knows when the fault uses to come, and whom it uses to hit: it looks at nothing.
echo '{"type":"ready","engine":"acts-by-the-clock","capabilities":["detect","alert"]}'
sleep 5
echo '{"type":"detected","cause":"stopped_process"}'
file="$PM2_HOME/pids/$ENGINE_APP-0.pid"
pid=$(cat "$file")
echo "{\"type\":\"action\",\"action\":\"kill\",\"phase\":\"begin\",\"pid\":$pid}"
kill -KILL "$pid"
echo "{\"type\":\"action\",\"action\":\"kill\",\"phase\":\"done\",\"pid\":$pid}"
exec cat >/dev/null
