#!/bin/bash
# Kills a worker whose process has been stopped (SIGSTOP) for three seconds; PM2
# starts another. It needs nothing but bash, PM2's pid files and /proc.
exec 4<&0; { cat <&4; kill $$; } >/dev/null & # it ends when its stdin does
echo '{"type":"ready","engine":"bash-example","version":"1","capabilities":["detect","alert"]}'
declare -A since
stopped() { grep -q '^State:.T' "/proc/$1/status" 2>/dev/null; }
while sleep 0.5; do
  for file in "$PM2_HOME/pids/$PM2DRILL_APP"-*.pid; do
    pid=$(cat "$file" 2>/dev/null) && stopped "${pid:-0}" || { unset "since[${pid:-0}]"; continue; }
    (( SECONDS - ${since[$pid]:=$SECONDS} > 3 )) || continue
    facts='"cause":"stopped_process","evidence":[{"source":"proc","text":"pid '$pid' is in state T"}],"ruled_out":[{"cause":"stalled_event_loop","fact":"it uses no CPU: it does not run"}]'
    echo '{"type":"detected",'"$facts"'}'
    echo '{"type":"action","action":"kill","phase":"begin","pid":'$pid'}'
    kill -KILL "$pid"
    echo '{"type":"action","action":"kill","phase":"done","pid":'$pid'}'
    body='{"status":"firing","app":"'$PM2DRILL_APP'","confidence":1,"workers":[{"pid":'$pid',"derived":"stopped"}],"human":"find out who sends SIGSTOP to workers","dedupe":"stopped_process/'$PM2DRILL_APP'",'$facts'}'
    hostport=${PM2DRILL_ALERT_URL#http://}; hostport=${hostport%%/*}
    exec 3<>"/dev/tcp/${hostport%:*}/${hostport#*:}"
    printf 'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s' "${#body}" "$body" >&3
    cat <&3 >/dev/null; exec 3>&-
  done
done
