# Waits for a process of the app that is stopped for more than a moment, and names it
# in $culprits. What these engines do about it is another matter.
culprits=
while [ -z "$culprits" ]; do
  sleep 0.5
  for file in "$PM2_HOME/pids/$ENGINE_APP"-*.pid; do
    pid=$(cat "$file")
    if grep -q '^State:.T' "/proc/$pid/status"; then culprits="$culprits $pid"; fi
  done
done 2>/dev/null
sleep 2
