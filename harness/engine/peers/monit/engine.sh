#!/bin/sh
# monit, with rules such as its manual shows for a server. It wants its rules in
# a file that nobody else can read, and gives what it runs an environment of its own.
umask 077
dir=$(mktemp -d)
port=${ENGINE_URL##*:} path=/${ENGINE_URL##*/}
pm2() { echo "/bin/sh -c 'PATH=$PATH HOME=$HOME PM2_HOME=$PM2_HOME pm2 $1 $ENGINE_APP'"; }
cat >"$dir/monitrc" <<RULES
set daemon 5
set idfile $dir/id
set statefile $dir/state
set pidfile $dir/pid
check host app with address 127.0.0.1
  start program = "$(pm2 start)"
  stop program = "$(pm2 stop)"
  restart program = "$(pm2 restart)"
  if failed port ${port%%/*} protocol http request "$path" with timeout 1 seconds for 3 cycles then restart
  if 5 restarts within 20 cycles then unmonitor
RULES
exec ./monit -I -c "$dir/monitrc"
