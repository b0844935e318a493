#!/bin/sh
# Leaves PM2's workers given up, and serves beside PM2 once the port is free, as if it
# were four workers.
port=$(echo "$ENGINE_URL" | sed 's/.*:\([0-9]*\).*/\1/')
alive() {
  for file in "$PM2_HOME/pids/$ENGINE_APP"-*.pid; do
    pid=$(cat "$file")
    if [ -n "$pid" ] && [ -e "/proc/$pid" ]; then return 0; fi
  done 2>/dev/null
  return 1
}
quiet=0
while [ $quiet -lt 8 ]; do
  sleep 0.5
  if alive; then quiet=0; else quiet=$((quiet + 1)); fi
done
while ss -tlnH "sport = :$port" | grep -q .; do sleep 0.1; done
exec node -e '
let n = 0;
require("http").createServer((req, res) => {
  const worker = n++ % 4;
  res.setHeader("X-Worker-Pid", process.pid + worker);
  res.setHeader("X-Worker-Instance", worker);
  setTimeout(() => res.end("served\n"), Number(new URL(req.url, "http://x").searchParams.get("ms")) || 0);
}).listen(process.argv[1]);
' "$port"
