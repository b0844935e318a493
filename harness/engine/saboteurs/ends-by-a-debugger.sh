#!/bin/sh
# Has a worker that serves end itself, by its debugger, as soon as another is stopped.
echo '{"type":"ready","engine":"ends-by-a-debugger","capabilities":["detect"]}'
. ./trouble.sh
for file in "$PM2_HOME/pids/$ENGINE_APP"-*.pid; do
  pid=$(cat "$file")
  case " $culprits " in *" $pid "*) ;; *) kill -USR1 "$pid"; break ;; esac
done
exec node -e '
  process.stdin.on("end", () => process.exit()).resume();
  const end = (url) => {
    const socket = new WebSocket(url);
    // Node waits at its end for whoever debugs it to hang up.
    const expression = "setTimeout(() => process.exit(0), 200)";
    socket.onopen = () => socket.send(JSON.stringify({ id: 1, method: "Runtime.evaluate", params: { expression } }));
    socket.onmessage = () => socket.close();
  };
  const open = setInterval(() => fetch("http://127.0.0.1:9229/json").then((answer) => answer.json()).then(([target]) => {
    clearInterval(open);
    end(target.webSocketDebuggerUrl);
  }, () => {}), 200);
'
