#!/usr/bin/env bash
# An engine: it kills a worker that has been stopped (SIGSTOP) for three seconds, and PM2 starts another.
shopt -s extglob nullglob
declare -A since # by pid: when it was first seen stopped, in microseconds
pause() { read -rt "$1" _; [ $? != 1 ] || exit 0; } # 1 is the end of stdin, and so of the engine
web() { node -e 'fetch(process.argv[1], {signal: AbortSignal.timeout(2000), ...(process.argv[2] && {method: "POST", body: process.argv[2]})}).then(r => process.exit(r.status < 500 ? 0 : 1))' "$@" </dev/null 2>/dev/null; }
act() { echo '{"type":"action","action":"kill","id":'$id',"pid":'$pid',"phase":"'$1'"}'; }
echo '{"type":"ready","engine":"example-bash","version":"1","capabilities":["detect","alert"]}'
while pause 0.5; do
  now=${EPOCHREALTIME/[.,]/} daemon=$(<"$PM2_HOME/pm2.pid") table='' sick=''
  for file in "$PM2_HOME/pids/${ENGINE_APP//[^a-zA-Z0-9.-]/-}"-+([0-9]).pid; do
    pid=$(<"$file") id=${file##*-} id=${id%.pid} stat=$(<"/proc/$pid/stat") # PID (NAME) STATE PARENT ...
    read -r state parent _ <<<"${stat##*) }" && [ "$parent" = "$daemon" ] || continue
    table+=${table:+,}'{"id":'$id',"pid":'$pid',"derived":"state '$state'"}'
    if [ "$state" != T ]; then unset "since[$pid]"; elif ((now - ${since[$pid]:=$now} > 3000000)); then sick="$id $pid $file"; fi
  done 2>/dev/null # a worker may end meanwhile
  read -r id pid file <<<"$sick" && [ "$pid" ] || continue
  web "$ENGINE_URL" && health=answers || health='does not answer'
  why='"cause":"stopped_process","evidence":[{"source":"proc","text":"pid '$pid' has been in state T for 3 s"},{"source":"probe","text":"the health URL '$health'"}],"ruled_out":[{"cause":"stalled_event_loop","fact":"a stalled worker runs; this one is in state T"}]'
  echo '{"type":"detected",'"$why}" && act begin && kill -KILL "$pid" && act done || act failed
  alert='{"engine":"example-bash","status":"firing","app":"'$ENGINE_APP'",'$why',"confidence":0.98,"workers":['$table'],"human":"find out who sent SIGSTOP to worker '$id'","dedupe":"'$ENGINE_APP' stopped_process '$id'"}'
  web "$ENGINE_ALERT_URL" "$alert"; pause 3 # PM2 starts another, which boots
  new=$(<"$file"); [ "${new:-$pid}" != "$pid" ] && web "$ENGINE_URL" || continue
  echo '{"type":"verified","cause":"stopped_process","by":["pid file","probe"]}' && web "$ENGINE_ALERT_URL" "${alert/firing/resolved}"
done
