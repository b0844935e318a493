#!/bin/sh
# Heals, and leaves the debugger of a worker that serves open to everybody on the host.
echo '{"type":"ready","engine":"leaves-a-debugger","capabilities":["detect"]}'
. ./trouble.sh
echo '{"type":"detected","cause":"stopped_process"}'
kill -KILL $culprits
sleep 1
for file in "$PM2_HOME/pids/$ENGINE_APP"-*.pid; do
  case " $culprits " in *" $(cat "$file") "*) ;; *) kill -USR1 "$(cat "$file")"; break ;; esac
done
exec cat >/dev/null
